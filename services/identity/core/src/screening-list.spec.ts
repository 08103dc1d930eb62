import { readListRow, screeningListColumns } from './screening-list.js'

const row = (cells: Partial<Record<(typeof screeningListColumns)[number], string>>) =>
  screeningListColumns.map((column) => cells[column] ?? '')
const entity = 'Entity List (EL) - Bureau of Industry and Security'

describe('readListRow', () => {
  it('finds an entry under its name, its aliases and without what the list appends', () => {
    const read = readListRow(row({ _id: '1', source: entity, name: 'Demo Institute (DIN)', alt_names: 'Demo Lab; DIN-9' }))
    expect(read).toMatchObject({
      ok: true,
      value: { list: 'EL', entryId: '1', keys: ['demo institute din', 'demo institute', 'demo lab', 'din 9'] },
    })
  })

  it('finds a company without its successors, and a person in either order', () => {
    const company = readListRow(row({ _id: '1', source: entity, name: 'Demo Co; and any successor, sub-unit, or subsidiary thereof' }))
    const person = readListRow(row({ _id: '2', source: entity, type: 'Individual', name: 'DEMOV, Testo' }))
    expect(company.ok && company.value.keys).toContain('demo co')
    expect(person.ok && person.value.keys).toEqual(['demov testo', 'testo demov'])
  })

  it('keeps the list of a source that nobody foresaw', () => {
    const read = readListRow(row({ _id: '1', source: 'A New List - Some Department', name: 'Demo' }))
    expect(read.ok && read.value.list).toBe('A New List - Some Department')
  })

  it.each([
    ['_id', row({ source: entity, name: 'Demo' })],
    ['source', row({ _id: '1', name: 'Demo' })],
    ['name', row({ _id: '1', source: entity })],
    ['name', row({ _id: '1', source: entity, name: '***' })],
    ['title', ['1', entity, '', '', '', 'Demo']],
  ])('names %s as the column that is wrong', (column, cells) => {
    const read = readListRow(cells)
    expect(read.ok ? [] : read.refusal.map((problem) => problem.column)).toEqual([column])
  })
})
