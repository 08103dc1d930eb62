import { readFileSync } from 'node:fs'
import { decode, samplePackage } from '../test/sample-log.js'
import { COLUMNS } from './tables.js'

const { decisions, files } = samplePackage(24)
const text = (path: string): string => decode(files.get(path) ?? new Uint8Array(0))

/** A reader of RFC 4180 that shares nothing with the writer. */
function parseCsv(csv: string): string[][] {
  const rows: string[][] = []
  for (let at = 0, row: string[] = []; at < csv.length;) {
    let cell = ''
    if (csv[at] === '"') {
      for (at++; csv[at] !== '"' || csv[at + 1] === '"'; at++) {
        if (csv[at] === '"') at++
        cell += csv[at]
      }
      at++
    } else while (at < csv.length && csv[at] !== ',' && csv[at] !== '\r') cell += csv[at++]
    row.push(cell)
    if (csv[at] === ',') at++
    else {
      at += 2
      rows.push(row)
      row = []
    }
  }
  return rows
}

test('the CSV has a row per decision in the order of the log, with its legal status', () => {
  const [header, ...rows] = parseCsv(text('decisions.csv'))
  const column = (name: (typeof COLUMNS)[number]) => rows.map((row) => row[COLUMNS.indexOf(name)])

  expect(header).toEqual([...COLUMNS])
  expect(rows.every((row) => row.length === COLUMNS.length)).toBe(true)
  expect(column('index')).toEqual(decisions.map(({ index }) => String(index)))
  expect(new Set(column('outcome'))).toEqual(new Set(['approve', 'hold', 'deny']))
  expect(column('legal_status')).toEqual(column('outcome').map((outcome) => (outcome === 'deny' ? 'in-force' : 'none')))
  expect(column('revision').filter((revision) => revision === '2')).toHaveLength(6)
  expect(column('skus')[2]).toBe('3 x p5.48xlarge')
  expect([column('proposed_by')[3], column('approved_by')[3]]).toEqual(['officer-1', 'officer-2'])
})

test('no cell that a customer wrote starts a formula', () => {
  const customers = parseCsv(text('decisions.csv')).map((row) => row[COLUMNS.indexOf('customer')])

  expect(customers).toContain(`'=HYPERLINK("http://example.test","click")`)
  expect(customers).toContain('Søren, "Søn" & Co')
  expect(customers).toContain('two\nlines')
})

test('NDJSON keeps every section exactly, and report.json sums them up', () => {
  const lines = text('decisions.ndjson').trimEnd().split('\n').map((line) => JSON.parse(line) as unknown) // prettier-ignore

  expect(lines).toEqual(
    decisions.map(({ requestId, revision, decidedAt, index, sections, entry }) => {
      const { t } = JSON.parse(entry) as { t: number }
      return { requestId, revision, decidedAt, recordedAt: new Date(t).toISOString(), index, sections }
    }),
  )
  expect(JSON.parse(text('report.json'))).toMatchObject({ v: 1, count: 24, template: 'decisions', origin: 'weir.test/ledger' })
})

test('the reading guide explains every column', () => {
  const guide = readFileSync(new URL('../../app/documents/reading-guide.md', import.meta.url), 'utf8')

  expect(COLUMNS.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
  const head = Object.keys(JSON.parse(text('report.json')) as object)
  expect(head.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
})
