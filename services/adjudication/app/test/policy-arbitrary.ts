import { decide, deriveFacts, type DecideInput, type Facts, type License, type StatedFacts, type Verdict } from '@weir/adjudication-core'
import fc from 'fast-check'
import type { Policy } from '../src/policy/load-policy.js'

/** Facts that are all known, with what else a decision takes. */
export interface Situation {
  readonly stated: StatedFacts
  readonly customerId: string
  readonly now: string
  readonly licenses: readonly License[]
}

/** By what they mean to some rule: neutral, D:1, D:4 with A:6, D:5, Macau, embargoed, and those whose groups have changed. */
const country = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('DE', 'US', 'JP') },
  { weight: 2, arbitrary: fc.constantFrom('CN', 'HK', 'MO', 'AE', 'IL', 'KH', 'RU', 'BY', 'VN') },
  { weight: 1, arbitrary: fc.constantFrom('IR', 'KP', 'SY', 'CU') },
)
const lists = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(fc.constantFrom('SDN', 'EL', 'MEU', 'DPL', 'UVL', 'CMIC', 'SSI', 'MBS', 'CAP', 'DTC', 'a list of tomorrow'), {
      minLength: 1,
      maxLength: 2,
    }),
  },
)
const models = ['nvidia-h100-sxm', 'nvidia-a100-sxm', 'huawei-ascend-910b', 'nvidia-t4'] as const
const days = ['2022-11-01', '2023-11-16', '2023-11-17', '2025-10-01', '2026-01-15', '2026-02-03', '2026-07-10', '2026-11-09', '2026-11-22']

const who = fc.record({
  state: fc.constantFrom('known', 'known', 'known', 'unknown-tenant'),
  headquarters: country,
  parentHeadquarters: country,
  ownershipComplete: fc.boolean(),
  lists,
  ownerLists: lists,
  listedOwnershipPercent: fc.constantFrom(0, 0, 25, 49.9, 50, 75),
  redFlags: fc.constantFrom<string[]>([], ['unknown-owner']),
})

const where = fc.record({
  country,
  operator: fc.constant('The Operator'),
  relation: fc.constantFrom('own' as const, 'own' as const, 'partner' as const),
  stateAffiliated: fc.boolean(),
})

const accelerators = fc
  .record({
    parts: fc.array(fc.record({ model: fc.constantFrom(...models), count: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    paragraph: fc.constantFrom('3A090.a' as const, '3A090.a' as const, '3A090.b' as const, 'none' as const),
  })
  .map(({ parts, paragraph }) => ({
    resolution: 'accelerators' as const,
    paragraph,
    models: [...new Set(parts.map(({ model }) => model))].sort(),
    parts: parts.map((part) => ({ ...part, paragraph: part.model === 'nvidia-t4' ? ('none' as const) : paragraph })),
    accelerators: parts.reduce((sum, { count }) => sum + count, 0),
  }))
const nothing = fc.constant({ resolution: 'none' as const, paragraph: 'none' as const, models: [], parts: [], accelerators: 0 })
const workload = fc.record({
  nearThreshold: fc.boolean(),
  totalTpp: fc.constant(1000),
  trainingLevel: fc.constantFrom('none' as const, 'low' as const, 'elevated' as const, 'high' as const),
  contradictsDeclared: fc.boolean(),
})
const what = fc
  .tuple(fc.oneof({ weight: 5, arbitrary: accelerators }, { weight: 1, arbitrary: nothing }), workload)
  .map(([ask, rest]) => ({ ...ask, ...rest }))

const request = fc.record({
  action: fc.constantFrom('create' as const, 'resize' as const, 'start' as const, 'observe' as const),
  enforcement: fc.constantFrom('pre' as const, 'post' as const),
  delivery: fc.constantFrom('remote' as const, 'remote' as const, 'colocation' as const, 'dedicated-host' as const),
  endUse: fc.constantFrom('ai-training', 'rendering'),
})

const license = fc
  .record({
    customerId: fc.constantFrom('customer-1', 'customer-1', 'customer-2'),
    paragraphs: fc.constantFrom<License['paragraphs']>(['3A090.a'], ['3A090.a', '3A090.b']),
    models: fc.constantFrom<string[]>([], ['nvidia-h100-sxm']),
    available: fc.integer({ min: 0, max: 12 }),
    validTo: fc.constantFrom('2026-01-01T00:00:00Z', '2028-01-01T00:00:00Z'),
  })
  .map((rest) => ({ licenseId: 'license-1', number: 'D1', validFrom: '2022-01-01T00:00:00Z', ...rest }))

export const situation: fc.Arbitrary<Situation> = fc.record({
  stated: fc.record({ day: fc.constantFrom(...days), request, who, what, where }),
  customerId: fc.constant('customer-1'),
  now: fc.constant('2026-11-22T12:00:00Z'),
  licenses: fc.array(license, { maxLength: 1 }),
})

/** Paths of every fact that may be missing; what is done, and when, always stands in a request. */
const removable = (facts: StatedFacts | Facts): readonly string[] =>
  (['request', 'who', 'what', 'where'] as const)
    .flatMap((area) => Object.keys(facts[area]).map((field) => `${area}.${field}`))
    .filter((path) => path !== 'request.action' && path !== 'request.enforcement')

function without<T extends StatedFacts | Facts>(facts: T, gone: ReadonlySet<string>): T {
  const area = (name: 'request' | 'who' | 'what' | 'where') =>
    Object.fromEntries(Object.entries(facts[name]).filter(([field]) => !gone.has(`${name}.${field}`)))
  return { ...facts, request: area('request'), who: area('who'), what: area('what'), where: area('where') }
}

/** A situation, and which of its facts are taken away: by what was stated, then of what follows from it. */
export const removal = situation.chain((full) =>
  fc
    .tuple(
      few(removable(full.stated)),
      few(['who.chinaLinked', 'who.headquartersGroups', 'who.parentGroups', 'what.controlled', 'where.groups', 'request.movesHardware']),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([stated, derived, customer, part]) => ({ full, gone: { stated, derived, customer, part } })),
)
export type Removal = typeof removal extends fc.Arbitrary<infer T> ? T : never

/** Mostly few at once: a decision that needs one fact must be seen to miss only that one. */
function few(paths: readonly string[]): fc.Arbitrary<readonly string[]> {
  return fc.oneof(fc.constant([]), fc.subarray([...paths], { maxLength: 2 }), fc.subarray([...paths]))
}

export const decideFully = (policy: Policy, full: Situation): Verdict =>
  decide(inputOf(policy, full, deriveFacts(full.stated, policy.groups)))

export function decideWithout(policy: Policy, { full, gone }: Removal): Verdict {
  const stated = without(full.stated, new Set(gone.stated))
  const facts = without(deriveFacts(gone.part ? blurred(stated) : stated, policy.groups), new Set(gone.derived))
  const { customerId, ...rest } = inputOf(policy, full, facts)
  return decide(gone.customer || customerId === undefined ? rest : { ...rest, customerId })
}

/** The paragraph of one part is not known any more, and with it, as classification has it, not that of the whole either. */
function blurred(stated: StatedFacts): StatedFacts {
  const [first, ...others] = stated.what.parts ?? []
  if (!first) return stated
  const { paragraph: _p, ...what } = stated.what
  return { ...stated, what: { ...what, parts: [{ ...first, paragraph: 'unknown' }, ...others] } }
}

const inputOf = (policy: Policy, { stated, customerId, now, licenses }: Situation, facts: Facts): DecideInput => ({
  facts,
  day: stated.day,
  now,
  packs: policy.packs,
  customerId,
  licenses,
})
