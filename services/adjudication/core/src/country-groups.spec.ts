import { countryGroups } from './country-groups.js'

const groups = countryGroups([
  { country: 'KH', group: 'D:5', from: '2021-12-09', to: '2026-02-02' },
  { country: 'KH', group: 'D:1' },
  { country: 'AE', group: 'A:5', from: '2026-07-10' },
  { country: 'AE', group: 'A:5', from: '2027-01-01' },
  { country: 'SU', group: 'D:1', to: '1991-12-25' },
])

test('first and last day are included, an absent one is open', () => {
  expect(groups.of('KH', '2021-12-08')).toEqual(['D:1'])
  expect(groups.of('KH', '2021-12-09')).toEqual(['D:1', 'D:5'])
  expect(groups.of('KH', '2026-02-02')).toEqual(['D:1', 'D:5'])
  expect(groups.of('KH', '2026-02-03')).toEqual(['D:1'])
})

test('a country in no group on that day is known; one that the table lacks is not', () => {
  expect(groups.of('SU', '1991-12-26')).toEqual([])
  expect(groups.of('AE', '2026-07-09')).toEqual([])
  expect(groups.of('ZZ', '2026-01-01')).toBeUndefined()
  expect(groups.of('toString', '2026-01-01')).toBeUndefined()
})

test('a group that two rows give is told once', () => {
  expect(groups.of('AE', '2027-01-01')).toEqual(['A:5'])
})
