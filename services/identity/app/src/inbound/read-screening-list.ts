import { readListRow, screeningListColumns } from '@weir/identity-core'
import { ok, refused, type Result } from '@weir/kernel'
import type { PublishedEntry } from '../use-cases/ports.js'
import { readCsv, type CsvRow } from './read-csv.js'

export interface ListProblem {
  readonly line: number
  readonly column: string
  readonly detail: string
}

const mostProblems = 100
const rowsPerTurn = 1000

/** All rows or none: a list with a hole screens nobody who is in it. */
export async function readScreeningList(text: string): Promise<Result<readonly PublishedEntry[], readonly ListProblem[]>> {
  const { header, rows, trouble } = await readCsv(text)
  if (trouble !== undefined) return refused([{ line: trouble.line, column: '', detail: trouble.detail }])
  const wrong = headerProblem(header)
  if (wrong !== undefined) return refused([wrong])
  const reading = new ListReading()
  for (const [index, row] of rows.entries()) {
    reading.add(row)
    if (index % rowsPerTurn === rowsPerTurn - 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return reading.problems.length > 0 ? refused(reading.problems.slice(0, mostProblems)) : ok(reading.entries)
}

class ListReading {
  readonly entries: PublishedEntry[] = []
  readonly problems: ListProblem[] = []
  readonly #lineOf = new Map<string, number>()

  add({ line, cells }: CsvRow): void {
    const entry = readListRow(cells)
    if (!entry.ok) {
      this.problems.push(...entry.refusal.map((problem) => ({ line, ...problem })))
      return
    }
    const key = JSON.stringify([entry.value.list, entry.value.entryId])
    const earlier = this.#lineOf.get(key)
    if (earlier !== undefined) this.problems.push({ line, column: '_id', detail: `Line ${earlier} has the same id.` })
    this.#lineOf.set(key, line)
    this.entries.push({ ...entry.value, cells })
  }
}

function headerProblem(header: readonly string[]): ListProblem | undefined {
  const at = screeningListColumns.findIndex((column, index) => header[index] !== column)
  if (at >= 0) {
    const detail = `Column ${at + 1} is ${header[at] === undefined ? 'missing' : `"${header[at]}"`} instead of "${screeningListColumns[at]}".`
    return { line: 1, column: screeningListColumns[at] ?? '', detail }
  }
  if (header.length === screeningListColumns.length) return undefined
  return { line: 1, column: header[screeningListColumns.length] ?? '', detail: `There are ${header.length} columns instead of 29.` }
}
