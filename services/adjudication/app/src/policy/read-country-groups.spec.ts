import { PolicyFault } from './policy-fault.js'
import { readCountryGroups } from './read-country-groups.js'

const head = 'iso2,ear_name,group,effective_from,effective_to,notes'
const read = (...lines: readonly string[]) => readCountryGroups([head, ...lines].join('\n'))

test('columns by name, quoted cells, with and without a line end at the end', () => {
  const lines = ['CN,China,D:5,,,', 'KP,"Korea, North (""DPRK"")",E:1,2021-12-09,2026-02-02,"a note', 'of two lines"']
  const rows = [
    { country: 'CN', group: 'D:5' },
    { country: 'KP', group: 'E:1', from: '2021-12-09', to: '2026-02-02' },
  ]
  expect(read(...lines)).toEqual(rows)
  expect(read(...lines, '')).toEqual(rows)
  expect(readCountryGroups(`${[head, ...lines].join('\r\n')}\r\n`)).toEqual(rows)
})

test('an end that is only bounded counts up to the bound', () => {
  expect(read('CY,Cyprus,D:5,,unknown (before 2025-01),')).toEqual([{ country: 'CY', group: 'D:5', to: '2025-01-01' }])
})

test.each([
  ['a beginning that is only bounded', 'CY,Cyprus,D:5,unknown (before 2025-01),,', /not a day: unknown \(before 2025-01\)/],
  ['a day that no calendar has', 'CY,Cyprus,D:5,2025-02-29,,', /not a day: 2025-02-29/],
  ['a bound that no calendar has', 'CY,Cyprus,D:5,,unknown (before 2025-13),', /not a day: 2025-13-01/],
  ['days that run backwards', 'CY,Cyprus,D:5,2025-02-02,2025-02-01,', /ends before it begins/],
  ['a row that is cut short', 'CY,Cyprus,D:5', /has 3 cells, not 6/],
  ['a comma that nobody quoted', 'CD,Congo, Democratic Republic of,D:5,,,', /has 7 cells, not 6/],
  ['no country', ',Cyprus,D:5,,,', /lacks its country or group/],
  ['no group', 'CY,Cyprus,,,,', /lacks its country or group/],
  ['a quote that never closes', 'CY,"Cyprus,D:5,,,', /a quote is out of place/],
  ['a quote within a cell', 'CY,Cy"prus,D:5,,,', /a quote is out of place/],
])('%s is refused', (_, line, why) => {
  expect(() => read('CN,China,D:5,,,', line)).toThrow(PolicyFault)
  expect(() => read('CN,China,D:5,,,', line)).toThrow(why)
})

test('a table without one of the columns is refused', () => {
  expect(() => readCountryGroups('iso2,group,effective_from\nCN,D:5,\n')).toThrow(/the columns effective_to are missing/)
  expect(() => readCountryGroups('')).toThrow(/the columns iso2, group, effective_from, effective_to are missing/)
})
