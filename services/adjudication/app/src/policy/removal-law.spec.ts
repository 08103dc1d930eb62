import type { CompiledRule, Verdict } from '@weir/adjudication-core'
import fc from 'fast-check'
import { decideFully, decideWithout, removal, type Removal } from '../../test/policy-arbitrary.js'
import { POLICY_DIR } from '../config.js'
import { loadPolicy, type Policy } from './load-policy.js'
import { PolicyFault } from './policy-fault.js'
import { readPack } from './read-pack.js'

const policy = loadPolicy(POLICY_DIR)
const everyRule = policy.packs.flatMap((pack) => pack.rules.map((rule) => `${pack.id}/${rule.id}`)).sort()

/** Taking facts away never yields an approval that the full facts would not get. */
function lawHolds(of: Policy, { full, less }: { readonly full: Verdict; readonly less: Verdict }): boolean {
  const shadows = of.packs.filter((pack) => pack.mode === 'shadow').map(({ id }) => [less.shadow[id], full.shadow[id]] as const)
  const pairs = [[less, full] as const, [less.ifShipped, full.ifShipped] as const, ...shadows]
  return pairs.every(([fewer, all]) => fewer?.outcome !== 'approve' || all?.outcome === 'approve')
}

const both = (of: Policy, given: Removal) => ({ full: decideFully(of, given.full), less: decideWithout(of, given) })

describe('the law over the packs that are shipped', () => {
  const fired = new Map<string, Set<string>>()
  const outcomes = new Map<string, number>()

  test('taking facts away never yields an approval that the full facts would not get', () => {
    fc.assert(
      fc.property(removal, (given) => {
        const { full, less } = both(policy, given)
        for (const [truth, verdict] of [
          ['full', full],
          ['less', less],
        ] as const) {
          for (const finding of findingsIn(verdict)) put(fired, `${truth} ${finding.truth}`, finding.rule)
        }
        const move = `${full.outcome} > ${less.outcome}`
        outcomes.set(move, (outcomes.get(move) ?? 0) + 1)
        expect(lawHolds(policy, { full, less })).toBe(true)
      }),
      { numRuns: 6000 },
    )
  })

  test('every rule has spoken on full facts, and every rule that decides has been left open by fewer', () => {
    expect([...(fired.get('full true') ?? [])].sort()).toEqual(everyRule)
    expect(fired.get('full unknown')).toBeUndefined()
    const deciding = policy.packs.flatMap((pack) =>
      pack.rules.filter(({ effect }) => effect !== 'flag' && effect !== 'obligation').map((rule) => `${pack.id}/${rule.id}`),
    )
    expect([...(fired.get('less unknown') ?? [])].sort()).toEqual(deciding.sort())
  })

  test('every move that the law allows was made, the forbidden ones never', () => {
    const moves = ['approve > approve', 'approve > hold', 'deny > deny', 'deny > hold', 'hold > hold']
    for (const move of moves) expect([move, (outcomes.get(move) ?? 0) > 20]).toEqual([move, true])
    expect([outcomes.get('deny > approve'), outcomes.get('hold > approve')]).toEqual([undefined, undefined])
  })
})

describe('a rule that takes absence for harmless', () => {
  const yaml = (when: string) => `
id: planted
title: A pack of a spec
legalStatus: company-policy
mode: enforced
knownFrom: 2026-11-22
rules:
  - id: planted
    layer: L0
    citation: none
    when: ${JSON.stringify(when)}
    effect: deny
    sentence: Planted.
`

  test.each([
    ['has(who.lists) && "SDN" in who.lists', /uses has\(\)/],
    ['who.lists != null && "SDN" in who.lists', /compares with null/],
    ['what.controlled ? who.chinaLinked : false', /uses \?:/],
    ['who.?headquarters.orValue("DE") == "CN"', /EXPECTED|Expected|optional/i],
    ['who["headquarters"] == "CN"', /access by index/],
    ['what.controlled && "lists" in who', /./],
    ['what.controlled && [who] == [where]', /uses who as a whole/],
    ['what.controlled && dyn(who) == dyn(where)', /calls dyn\(\)|uses who as a whole/],
    ['what.controlled && dyn(who).exists(name, name == "lists")', /calls dyn\(\)|uses who as a whole/],
    ['cel.bind(x, who, x.chinaLinked)', /./],
    ['optional.of(who.lists).hasValue()', /./],
  ])('%s is refused at load', (when, why) => {
    expect(() => readPack(yaml(when), 'planted.yaml')).toThrow(PolicyFault)
    expect(() => readPack(yaml(when), 'planted.yaml')).toThrow(why)
  })

  test('the same question asked plainly is taken', () => {
    expect(readPack(yaml('"SDN" in who.lists'), 'planted.yaml').rules[0]?.paths).toEqual(['who.lists'])
  })

  test.each<[string, CompiledRule['evaluate']]>([
    ['a list that was not read', ({ who }) => (who.lists?.includes('UVL') === true ? 'true' : 'false')],
    ['a destination that is not known', ({ where }) => (where.country === 'VN' ? 'true' : 'false')],
    ['what is not known to be complete', ({ who }) => (who.ownershipComplete === false ? 'true' : 'false')],
    ['an answer where a fact is missing', ({ who }) => (who.headquarters === undefined ? 'false' : 'true')],
  ])('planted past the loader, the law finds it: %s', (_, evaluate) => {
    const pack = readPack(yaml('"SDN" in who.lists'), 'planted.yaml')
    const planted = { ...pack, rules: pack.rules.map((rule) => ({ ...rule, evaluate })) }
    const bad: Policy = { ...policy, packs: [planted] }
    const found = fc.check(
      fc.property(removal, (given) => lawHolds(bad, both(bad, given))),
      { numRuns: 6000 },
    )
    expect(found.failed).toBe(true)
  })
})

function* findingsIn(verdict: Verdict) {
  yield* verdict.findings
  for (const beside of Object.values(verdict.shadow)) yield* beside.findings
}

function put(into: Map<string, Set<string>>, name: string, value: string): void {
  const set = into.get(name) ?? new Set()
  into.set(name, set.add(value))
}
