import type { Facts } from '@weir/adjudication-core'
import fc from 'fast-check'
import { compileCondition, type CompiledCondition } from './compile-condition.js'
import { PolicyFault } from './policy-fault.js'

function compiled(source: string): CompiledCondition {
  const condition = compileCondition(source)
  if (!condition.ok) throw new Error(`${source} ${condition.refusal}`)
  return condition.value
}
const facts = (areas: { readonly [Area in keyof Facts]?: Partial<Facts[Area]> } = {}): Facts => ({
  request: { action: 'create', enforcement: 'pre', ...areas.request },
  who: { ...areas.who },
  what: { ...areas.what },
  where: { ...areas.where },
})

test('reads the facts that it names, sorted, each once', () => {
  expect(compiled('who.lists.exists(x, x == where.country) || size(who.lists) > 2 && what.controlled').paths).toEqual([
    'what.controlled',
    'where.country',
    'who.lists',
  ])
})

test.each<[string, Facts, string]>([
  ['what.controlled && who.chinaLinked', facts({ what: { controlled: true }, who: { chinaLinked: true } }), 'true'],
  ['what.controlled && who.chinaLinked', facts({ what: { controlled: false } }), 'false'],
  ['what.controlled && who.chinaLinked', facts({ who: { chinaLinked: false } }), 'false'],
  ['what.controlled && who.chinaLinked', facts({ what: { controlled: true } }), 'unknown'],
  ['what.controlled || who.chinaLinked', facts({ who: { chinaLinked: true } }), 'true'],
  ['what.controlled || who.chinaLinked', facts({ who: { chinaLinked: false } }), 'unknown'],
  ['!who.ownershipComplete', facts(), 'unknown'],
  ['who.headquarters != "US"', facts(), 'unknown'],
  ['!(who.headquarters in ["CN"])', facts(), 'unknown'],
  ['who.lists.exists(x, x == "SDN")', facts({ who: { lists: [] } }), 'false'],
  ['who.lists.exists(x, x == who.headquarters)', facts({ who: { lists: ['SDN'] } }), 'unknown'],
  ['who.lists.all(x, x == who.headquarters)', facts({ who: { lists: ['SDN'] } }), 'unknown'],
])('%s, case %#: %j is %s', (source, given, truth) => {
  expect(compiled(source).evaluate(given)).toBe(truth)
})

test.each([
  ['who.headquarters', /is of type string, not bool/],
  ['true', /reads no fact/],
  ['who.nope == "x"', /nope/],
  ['who.headquarters == 3', /overload/],
  ['somebody.headquarters == "CN"', /somebody/],
  ['who.headquarters == ', /./],
  ['who.lists[0] == "SDN"', /access by index/],
  ['timestamp(who.headquarters) > timestamp("2020-01-01T00:00:00Z")', /calls timestamp\(\)/],
  ['who.headquarters.matches("(")', /calls matches\(\)/],
  ['int(who.headquarters) > 3', /calls int\(\)/],
  ['{"a": who}.a.headquarters == "CN"', /uses who as a whole/],
  ['who.lists.exists(who, who == "SDN")', /uses who as a whole/],
])('%s is refused', (source, why) => {
  const condition = compileCondition(source)
  expect(condition).toMatchObject({ ok: false, refusal: expect.stringMatching(why) as string })
})

test('a fact of another type than the model has is a fault, even where the condition would not have looked', () => {
  const who = JSON.parse('{ "headquarters": 49 }') as Partial<Facts['who']>
  const wrong = facts({ what: { controlled: false }, who })
  expect(() => compiled('what.controlled && who.headquarters == "CN"').evaluate(wrong)).toThrow(PolicyFault)
  const infinite = facts({ who: { listedOwnershipPercent: Number.NaN } })
  expect(() => compiled('who.listedOwnershipPercent > 1.0').evaluate(infinite)).toThrow(PolicyFault)
})

describe('whatever can be written', () => {
  const text = fc.constantFrom('who.headquarters', 'where.country', '"CN"', '"DE"')
  const list = fc.constantFrom('who.lists', 'who.headquartersGroups', 'where.groups', '["CN", "D:5"]', '[who.headquarters]')
  const atom = fc.oneof(
    fc.constantFrom('what.controlled', 'who.chinaLinked', 'who.ownershipComplete'),
    fc.tuple(text, fc.constantFrom('==', '!=', '<'), text).map((all) => all.join(' ')),
    fc.tuple(text, list).map(([one, of]) => `${one} in ${of}`),
    fc.tuple(list, fc.constantFrom('exists', 'all'), text).map(([of, how, one]) => `${of}.${how}(x, x == ${one} || x.startsWith("D"))`),
    list.map((of) => `size(${of}) > 1`),
    fc.constantFrom('who.listedOwnershipPercent >= 50.0', 'who.listedOwnershipPercent + what.accelerators < 60.0'),
  )
  const condition = fc.letrec<{ readonly any: string }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      atom,
      tie('any').map((one) => `!(${one})`),
      fc.tuple(tie('any'), fc.constantFrom('&&', '||', '==', '!='), tie('any')).map(([a, op, b]) => `(${a}) ${op} (${b})`),
    ),
  })).any
  const names = fc.subarray(['CN', 'DE', 'D:5', 'SDN'])
  const whole = fc.record({
    who: fc.record({
      headquarters: fc.constantFrom('CN', 'DE'),
      lists: names,
      headquartersGroups: names,
      chinaLinked: fc.boolean(),
      ownershipComplete: fc.boolean(),
      listedOwnershipPercent: fc.constantFrom(0, 50),
    }),
    what: fc.record({ controlled: fc.boolean(), accelerators: fc.constantFrom(0, 16) }),
    where: fc.record({ country: fc.constantFrom('CN', 'DE'), groups: names }),
  })

  test('fewer facts leave it as it is or open, and full facts never leave it open', () => {
    const seen = { same: 0, open: 0, true: 0 }
    const paths = ['who', 'what', 'where'] as const
    fc.assert(
      fc.property(condition, whole, fc.infiniteStream(fc.boolean()), (source, full, keep) => {
        const result = compileCondition(source)
        // Only what names no fact at all is refused among these.
        if (!result.ok) return expect(result.refusal).toBe('reads no fact')
        const areas = paths.map((area) => [area, Object.fromEntries(Object.entries(full[area]).filter(() => keep.next().value))] as const)
        const [all, fewer] = [result.value.evaluate(facts(full)), result.value.evaluate(facts(Object.fromEntries(areas)))]
        expect(all).not.toBe('unknown')
        expect(['unknown', all]).toContain(fewer)
        seen[fewer === 'unknown' ? 'open' : 'same'] += 1
        if (all === 'true') seen.true += 1
      }),
      { numRuns: 3000 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(300)
  })
})
