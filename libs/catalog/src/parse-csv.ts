import { Fault } from '@weir/kernel'

export type Row = Readonly<Record<string, string>>

/**
 * Rows of an RFC 4180 text by the names in its first line. Quotes, doubled quotes, commas and line breaks inside quotes,
 * LF or CRLF. Throws a Fault `csv-malformed` on an open quote or a row of another width: half a table is worse than none.
 */
export function parseCsv(text: string): Row[] {
  const [header, ...records] = recordsOf(text.startsWith('\uFEFF') ? text.slice(1) : text)
  if (!header) return []
  return records.map((record, index) => {
    if (record.length !== header.length) {
      const message = `row ${index + 2} has ${record.length} fields, the header has ${header.length}`
      throw new Fault({ code: 'csv-malformed', message })
    }
    return Object.fromEntries(header.map((name, column) => [name, record[column] ?? '']))
  })
}

function recordsOf(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  let at = 0
  while (at < text.length) {
    const field = fieldAt(text, at)
    record.push(field.value)
    at = field.next
    if (text[at] === ',') {
      at += 1
      if (at < text.length) continue
      record.push('')
    }
    if (text[at] === '\r') at += 1
    if (text[at] === '\n') at += 1
    records.push(record)
    record = []
  }
  return records.filter((fields) => fields.length > 1 || fields[0] !== '')
}

function fieldAt(text: string, start: number): { value: string; next: number } {
  if (text[start] !== '"') {
    let end = start
    while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end += 1
    return { value: text.slice(start, end), next: end }
  }
  let value = ''
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw new Fault({ code: 'csv-malformed', message: `a quote opened at character ${start} never closes` })
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') return closed(text, value, quote + 1)
    value += '"'
    at = quote + 2
  }
}

function closed(text: string, value: string, next: number): { value: string; next: number } {
  const after = text[next]
  if (after !== undefined && after !== ',' && after !== '\n' && after !== '\r') {
    throw new Fault({ code: 'csv-malformed', message: `text follows a closing quote at character ${next}` })
  }
  return { value, next }
}
