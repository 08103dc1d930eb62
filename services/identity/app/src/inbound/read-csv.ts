import { CsvError, parse } from 'csv-parse'

export interface CsvRow {
  /** of the row's first character; 1 is the header */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvTrouble {
  readonly line: number
  readonly detail: string
}

export interface CsvTable {
  readonly header: readonly string[]
  readonly rows: readonly CsvRow[]
  /** defined: the text is not CSV from here on */
  readonly trouble: CsvTrouble | undefined
}

/** RFC 4180 text with a header; rows may have any number of cells. Lets other work run while it reads. */
export async function readCsv(text: string): Promise<CsvTable> {
  const parser = parse(text, { bom: true, relax_column_count: true, info: true, skip_empty_lines: true })
  const rows: CsvRow[] = []
  let line = 1
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      rows.push({ line, cells: record })
      line = info.lines + 1
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { header: rows[0]?.cells ?? [], rows: rows.slice(1), trouble: { line: lineOf(error) ?? line, detail: error.message } }
  }
  return { header: rows[0]?.cells ?? [], rows: rows.slice(1), trouble: undefined }
}

const lineOf = (error: CsvError): number | undefined => ('lines' in error && typeof error.lines === 'number' ? error.lines : undefined)
