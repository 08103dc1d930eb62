import fc from 'fast-check'
import { countryGroups } from './country-groups.js'
import { asIfShipped, deriveFacts, type StatedFacts } from './derive-facts.js'
import { isKnown, missingOf, type Facts } from './facts.js'

const groups = countryGroups([
  { country: 'CN', group: 'D:5' },
  { country: 'DE', group: 'A:1' },
  { country: 'KH', group: 'D:5', to: '2026-02-02' },
  { country: 'MO', group: 'D:1' },
])
const stated = (changes: Partial<StatedFacts> = {}): StatedFacts => ({
  day: '2026-01-15',
  request: { action: 'create', enforcement: 'pre' },
  who: {},
  what: {},
  where: {},
  ...changes,
})
const linked = (headquarters: string | undefined, parentHeadquarters: string | undefined, day = '2026-01-15') =>
  deriveFacts(stated({ day, who: { ...(headquarters && { headquarters }), ...(parentHeadquarters && { parentHeadquarters }) } }), groups)
    .who.chinaLinked

test.each<[string | undefined, string | undefined, boolean | undefined]>([
  ['DE', 'DE', false],
  ['CN', 'DE', true],
  ['DE', 'CN', true],
  ['MO', 'DE', true],
  ['DE', 'MO', true],
  ['CN', undefined, true],
  [undefined, 'CN', true],
  ['DE', undefined, undefined],
  [undefined, 'DE', undefined],
  [undefined, undefined, undefined],
  ['DE', 'ZZ', undefined],
  ['ZZ', 'CN', true],
])('headquarters %s, parent %s: linked to China %s', (headquarters, parent, expected) => {
  expect(linked(headquarters, parent)).toBe(expected)
})

test('groups are those of the day', () => {
  expect(linked('KH', 'DE', '2026-02-02')).toBe(true)
  expect(linked('KH', 'DE', '2026-02-03')).toBe(false)
})

test('a country that the table lacks has unknown groups, not none', () => {
  const { who, where } = deriveFacts(stated({ who: { headquarters: 'ZZ' }, where: { country: 'ZZ' } }), groups)
  expect([isKnown({ ...stated(), who, where }, 'who.headquartersGroups'), 'groups' in where]).toEqual([false, false])
})

test.each([
  ['3A090.a', true],
  ['3A090.b', true],
  ['none', false],
  [undefined, undefined],
] as const)('paragraph %s: controlled %s', (paragraph, controlled) => {
  expect(deriveFacts(stated({ what: paragraph === undefined ? {} : { paragraph } }), groups).what.controlled).toBe(controlled)
})

test.each([
  ['remote', false],
  ['dedicated-host', true],
  ['colocation', true],
  ['on-premises', true],
  ['reseller-rack', true],
  [undefined, undefined],
] as const)('delivery %s: moves hardware %s', (delivery, moves) => {
  const request = { action: 'create' as const, enforcement: 'pre' as const, ...(delivery === undefined ? {} : { delivery }) }
  expect(deriveFacts(stated({ request }), groups).request.movesHardware).toBe(moves)
})

test('as if shipped: to the seat of the customer, or to nobody knows where', () => {
  const facts = deriveFacts(stated({ who: { headquarters: 'CN' }, where: { country: 'US', stateAffiliated: false } }), groups)
  expect(asIfShipped(facts)).toMatchObject({ request: { movesHardware: true }, where: { country: 'CN', groups: ['D:5'] } })
  expect(asIfShipped(deriveFacts(stated({ where: { country: 'US' } }), groups)).where).toEqual({})
})

test('taking a fact away takes facts away and changes none', () => {
  const country = fc.option(fc.constantFrom('CN', 'DE', 'KH', 'MO', 'ZZ'), { nil: undefined })
  const drop = <T extends object>(from: T, gone: readonly string[]) =>
    Object.fromEntries(Object.entries(from).filter(([name, value]) => value !== undefined && !gone.includes(name)))
  const all = fc.record({
    headquarters: country,
    parentHeadquarters: country,
    country,
    paragraph: fc.constantFrom('3A090.a', 'none', undefined),
  })
  const names = ['headquarters', 'parentHeadquarters', 'country', 'paragraph']
  const valuesOf = (facts: Facts) =>
    Object.entries(facts).flatMap(([area, fields]) =>
      Object.entries(fields as object).map(([field, value]) => [`${area}.${field}`, JSON.stringify(value)] as const),
    )
  fc.assert(
    fc.property(all, fc.subarray(names), (given, gone) => {
      const derive = (without: readonly string[]) =>
        deriveFacts(
          stated({
            who: drop({ headquarters: given.headquarters, parentHeadquarters: given.parentHeadquarters }, without),
            what: drop({ paragraph: given.paragraph }, without),
            where: drop({ country: given.country }, without),
          }),
          groups,
        )
      const before = new Map(valuesOf(derive([])))
      for (const [path, value] of valuesOf(derive(gone))) expect([path, value]).toEqual([path, before.get(path)])
    }),
  )
})

test('what is missing is told by what somebody can find out', () => {
  const open = deriveFacts(stated({ who: { headquarters: 'DE' } }), groups)
  expect(missingOf(open, ['who.chinaLinked', 'what.controlled', 'where.groups', 'who.headquarters'])).toEqual([
    'what.paragraph',
    'where.country',
    'who.parentHeadquarters',
  ])
  const unlisted = deriveFacts(stated({ where: { country: 'ZZ' } }), groups)
  expect(missingOf(unlisted, ['where.groups'])).toEqual(['where.groups'])
})
