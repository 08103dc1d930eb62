import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { screen, screeningListColumns, type IndexedEntry } from '@weir/identity-core'
import type { PublishedEntry } from '../use-cases/ports.js'
import { listDigest } from '../use-cases/activate-list.js'
import { emptyListDigest } from '../use-cases/digest.js'
import { readCsv } from './read-csv.js'
import { readScreeningList } from './read-screening-list.js'

const root = resolve(import.meta.dirname, '../../../../..')
const screening = join(resolve(root, process.env['WEIR_SHARED'] ?? '../shared'), 'data/screening')
const header = screeningListColumns.join(',')
const line = (id: string, name: string) => `"${id}","Entity List (EL) - Bureau of Industry and Security",,,,"${name}"${','.repeat(23)}`

async function entriesOf(text: string): Promise<readonly PublishedEntry[]> {
  const read = await readScreeningList(text)
  if (!read.ok) throw new Error(JSON.stringify(read.refusal.slice(0, 5)))
  return read.value
}

function indexOf(entries: readonly PublishedEntry[]): Map<string, IndexedEntry[]> {
  const index = new Map<string, IndexedEntry[]>()
  for (const { list, entryId, name, keys } of entries) {
    for (const key of keys) index.set(key, [...(index.get(key) ?? []), { list, entryId, entryName: name }])
  }
  return index
}

/** Rows of the file whose own name, as published, does not find them. */
async function lostRows(text: string): Promise<string[]> {
  const index = indexOf(await entriesOf(text))
  const { rows } = await readCsv(text)
  return rows.flatMap(({ cells: [id = '', , , , , name = ''] }) => {
    const hits = screen([{ partyId: id, name, aliases: [], relation: 'self' }], index)
    return hits.some((hit) => hit.entryId === id) ? [] : [id]
  })
}

describe('readScreeningList', () => {
  it('names line and column of every bad row and takes none', async () => {
    const read = await readScreeningList([header, line('1', 'Demo\nOne'), line('', 'Demo'), 'x,y', line('1', 'Demo')].join('\n'))
    expect(read.ok ? [] : read.refusal.map((problem) => [problem.line, problem.column])).toEqual([
      [4, '_id'],
      [5, 'entity_number'],
      [6, '_id'],
    ])
  })

  it('names the header column that is wrong', async () => {
    const read = await readScreeningList(`${header.replace('programs', 'program')}\n`)
    expect(read.ok ? undefined : read.refusal).toEqual([
      { line: 1, column: 'programs', detail: expect.stringContaining('"program"') as string },
    ])
  })

  it('names the line where the text stops being CSV', async () => {
    const read = await readScreeningList(`${header}\n${line('1', 'Demo')}\n"open`)
    expect(read.ok ? undefined : read.refusal).toEqual([expect.objectContaining({ line: 3 })])
  })

  it('has one digest for the same entries in another order, and one for none', async () => {
    const [one, two] = [line('1', 'Demo'), line('2', 'Demo')]
    const digest = async (rows: readonly string[]) => listDigest(await entriesOf([header, ...rows].join('\n')))
    expect(await digest([one, two])).toBe(await digest([two, one]))
    expect(await digest([one])).not.toBe(await digest([one, two]))
    expect(await digest([])).toBe(emptyListDigest)
  })

  it('reads the demonstration list, whose parties say that they are invented', async () => {
    const text = readFileSync(join(root, 'demo/screening-list.csv'), 'utf8')
    expect(await lostRows(text)).toEqual([])
    const entries = await entriesOf(text)
    expect(entries).toHaveLength(12)
    expect(entries.every((entry) => entry.cells.some((cell) => cell.startsWith('DEMO: invented party')))).toBe(true)
  })
})

const published = join(screening, 'consolidated.csv')
const present = existsSync(published)
const whenPresent = present ? describe : describe.skip

whenPresent(present ? 'the published list' : 'the published list (skipped: ../shared/data not present)', () => {
  it('is read whole, and each party is found by its primary name', async () => {
    const text = readFileSync(published, 'utf8')
    const entries = await entriesOf(text)
    expect(entries).toHaveLength(25_921)
    expect(await lostRows(text)).toEqual([])
    const count = (list: string) => entries.filter((entry) => entry.list === list).length
    const lists = ['SDN', 'EL', 'DPL', 'DTC', 'SSI', 'UVL', 'ISN', 'PLC', 'MEU', 'CMIC', 'MBS', 'CAP']
    expect(lists.map(count)).toEqual([19_181, 3_420, 1_596, 787, 286, 222, 161, 78, 70, 68, 51, 1])
  })
})
