import type { CountryGroupRow } from '@weir/adjudication-core'
import { PolicyFault } from './policy-fault.js'

const COLUMNS = ['iso2', 'group', 'effective_from', 'effective_to'] as const
type Column = (typeof COLUMNS)[number]

/** Rows of `policy/country-groups.csv`. A membership whose end is only bounded counts up to that bound. */
export function readCountryGroups(text: string): readonly CountryGroupRow[] {
  const [head = [], ...rows] = recordsOf(text)
  const at = new Map(COLUMNS.map((column) => [column, head.indexOf(column)]))
  const missing = COLUMNS.filter((column) => (at.get(column) ?? -1) < 0)
  if (missing.length > 0) throw refusal(`the columns ${missing.join(', ')} are missing`)
  return rows.map((row) => {
    const cell = (column: Column) => row[at.get(column) ?? -1] ?? ''
    const country = cell('iso2')
    const group = cell('group')
    if (!/^[A-Z]{2}$/.test(country) || group === '') throw refusal(`a row lacks its country or group: ${row.join(',')}`)
    const from = dayOf(cell('effective_from'))
    const to = dayOf(cell('effective_to'))
    return { country, group, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  })
}

function dayOf(text: string): string | undefined {
  if (text === '') return undefined
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text
  const bound = /^unknown \(before (\d{4}-\d{2})\)$/.exec(text)
  if (bound) return `${bound[1]}-01`
  throw refusal(`not a day: ${text}`)
}

/** RFC 4180 */
function recordsOf(text: string): string[][] {
  const records: string[][] = [[]]
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, quoted, plain = '', end] = match
    if (whole === '' && records.at(-1)?.length === 0) continue
    records.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== ',' && end !== '') records.push([])
  }
  return records.filter((record) => record.length > 0)
}

const refusal = (message: string) =>
  new PolicyFault({ code: 'country-groups-refused', message: `Country groups were refused: ${message}.` })
