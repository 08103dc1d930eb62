import type { CompiledPack, CompiledRule, DecideInput, Facts, License, Truth } from '../src/index.js'

export const DAY = '2026-03-02'
export const NOW = '2026-03-02T10:15:00.000Z'

export function rule(id: string, changes: Partial<Omit<CompiledRule, 'evaluate'>> & { readonly truth?: Truth } = {}): CompiledRule {
  const { truth = 'true', ...rest } = changes
  return {
    id,
    citation: `§ ${id}`,
    layer: 'L1',
    effect: 'hold',
    legalStatus: 'in-force',
    sentence: `The rule ${id} speaks.`,
    valid: [],
    paths: ['who.headquarters'],
    ...rest,
    evaluate: () => truth,
  }
}

export const pack = (rules: readonly CompiledRule[], changes: Partial<CompiledPack> = {}): CompiledPack => ({
  id: 'law',
  digest: 'a'.repeat(64),
  title: 'Rules of a spec',
  legalStatus: 'in-force',
  mode: 'enforced',
  valid: {},
  rules,
  ...changes,
})

type Areas = { readonly [Area in keyof Facts]?: Partial<Facts[Area]> }

/** A known customer in Germany asks remotely for eight H100. */
export const facts = (changes: Areas = {}): Facts => ({
  request: { action: 'create', enforcement: 'pre', delivery: 'remote', movesHardware: false, ...changes.request },
  who: { state: 'known', headquarters: 'DE', headquartersGroups: ['A:1'], ...changes.who },
  what: {
    resolution: 'accelerators',
    paragraph: '3A090.a',
    controlled: true,
    parts: [{ model: 'nvidia-h100-sxm', count: 8, paragraph: '3A090.a' }],
    ...changes.what,
  },
  where: { country: 'US', ...changes.where },
})

export const license = (changes: Partial<License> = {}): License => ({
  licenseId: 'license-1',
  number: 'D1000001',
  customerId: 'customer-1',
  paragraphs: ['3A090.a'],
  models: [],
  available: 8,
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2027-01-01T00:00:00Z',
  ...changes,
})

export const input = (packs: readonly CompiledPack[], changes: Partial<DecideInput> = {}): DecideInput => ({
  facts: facts(),
  day: DAY,
  now: NOW,
  packs,
  customerId: 'customer-1',
  licenses: [],
  ...changes,
})
