import type { CountryGroupRow } from '@weir/adjudication-core'
import { z } from 'zod'
import { PolicyFault } from './policy-fault.js'

const COLUMNS = ['iso2', 'group', 'effective_from', 'effective_to'] as const
type Column = (typeof COLUMNS)[number]

/**
 * Rows of `policy/country-groups.csv`. A membership whose end is only bounded counts up to that bound; a beginning has to be
 * known, since whatever comes before it counts as no member. Whatever else would shorten a membership unseen is refused, too.
 */
export function readCountryGroups(text: string): readonly CountryGroupRow[] {
  const [head = [], ...rows] = recordsOf(text.endsWith('\n') ? text : `${text}\n`)
  const at = new Map(COLUMNS.map((column) => [column, head.indexOf(column)]))
  const missing = COLUMNS.filter((column) => (at.get(column) ?? -1) < 0)
  if (missing.length > 0) throw refusal(`the columns ${missing.join(', ')} are missing`)
  return rows.map((row) => {
    const cell = (column: Column) => row[at.get(column) ?? -1] ?? ''
    const country = cell('iso2')
    const group = cell('group')
    if (!/^[A-Z]{2}$/.test(country) || group === '') throw refusal(`a row lacks its country or group: ${row.join(',')}`)
    if (row.length !== head.length) throw refusal(`a row has ${row.length} cells, not ${head.length}: ${row.join(',')}`)
    const from = dayOf(cell('effective_from'))
    const to = endOf(cell('effective_to'))
    if (from !== undefined && to !== undefined && to < from) throw refusal(`a membership ends before it begins: ${row.join(',')}`)
    return { country, group, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  })
}

function dayOf(text: string): string | undefined {
  if (text === '') return undefined
  if (day.safeParse(text).success) return text
  throw refusal(`not a day: ${text}`)
}

function endOf(text: string): string | undefined {
  const bound = /^unknown \(before (\d{4}-\d{2})\)$/.exec(text)
  return dayOf(bound ? `${bound[1]}-01` : text)
}

const day = z.iso.date()

/** RFC 4180; the text ends with a line end */
function recordsOf(text: string): string[][] {
  const records: string[][] = [[]]
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy)]
  if (cells.reduce((read, [whole]) => read + whole.length, 0) !== text.length) throw refusal('a quote is out of place')
  for (const match of cells) {
    const [whole, quoted, plain = '', end] = match
    if (whole === '' && records.at(-1)?.length === 0) continue
    records.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== ',' && end !== '') records.push([])
  }
  return records.filter((record) => record.length > 0)
}

const refusal = (message: string) =>
  new PolicyFault({ code: 'country-groups-refused', message: `Country groups were refused: ${message}.` })
