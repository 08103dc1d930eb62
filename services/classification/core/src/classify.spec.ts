import fc from 'fast-check'
import { factsOf, tables } from '../test/policy-tables.js'
import { classify } from './classify.js'
import type { WorkloadFacts } from './facts.js'

const verdict = (facts: Partial<WorkloadFacts>) => classify(factsOf(facts), tables)
const H100_NODES = (count: number) => ({ provider: 'aws', skus: [{ raw: 'p5.48xlarge', count }] })

describe('resolution', () => {
  it('multiplies pieces by machines and sums TPP over the ask only', () => {
    expect(verdict(H100_NODES(4))).toMatchObject({
      resolution: 'accelerators',
      accelerators: [{ model: 'nvidia-h100-sxm5-80gb', count: 32, tpp: 15832, paragraph: '3A090.a' }],
      totals: { accelerators: 32, tpp: 32 * 15832 },
      paragraph: '3A090.a',
      rule: 'october-2023',
    })
  })

  it('takes the most that the ask may take', () => {
    expect(verdict({ ...H100_NODES(1), most: 10 }).totals.accelerators).toBe(80)
  })

  it('is none for a CPU family, with no training likelihood', () => {
    expect(verdict({ provider: 'aws', skus: [{ raw: 'm5.large', count: 500 }] })).toMatchObject({
      resolution: 'none',
      paragraph: 'none',
      training: { level: 'none', likelihood: 0 },
      totals: { accelerators: 0, tpp: 0 },
    })
  })

  it('is unknown with nothing stated, and none only where none is stated', () => {
    expect(verdict({}).resolution).toBe('unknown')
    expect(verdict({ accelerators: 'none' }).resolution).toBe('none')
  })

  it.each([
    ['gcp', 'n1-standard-8', [], 'none'],
    ['gcp', 'n1-standard-8', undefined, 'unknown'],
    ['gcp', 'n1-standard-8', [{ model: 'nvidia-t4', count: 1 }], 'accelerators'],
    ['openstack', 'm1.tiny', 'none', 'none'],
    ['openstack', 'm1.tiny', 'unknown', 'unknown'],
    ['aws', 'p9.48xlarge', [], 'unknown'],
    ['aws', 'p5.48xlarge', [], 'accelerators'],
    ['aws', 'f1.2xlarge', 'none', 'unknown'],
    ['openstack', 'g1', [{ model: 'nobody-x1', count: 1 }], 'unknown'],
  ] as const)('%s %s with %j stated: %s', (provider, raw, accelerators, resolution) => {
    const sku = { raw, count: 1, ...(accelerators === undefined ? {} : { accelerators }) }
    const answer = verdict({ provider, skus: [sku] })
    expect(answer.resolution).toBe(resolution)
    expect(answer.unknownSkus).toEqual(resolution === 'unknown' ? [raw] : [])
  })

  it('keeps a paragraph that a known part establishes beside an unknown SKU', () => {
    const mixed = verdict({
      provider: 'aws',
      skus: [
        { raw: 'p5.48xlarge', count: 1 },
        { raw: 'p9.48xlarge', count: 1 },
      ],
    })
    expect(mixed).toMatchObject({ resolution: 'unknown', paragraph: '3A090.a', unknownSkus: ['p9.48xlarge'] })
    expect(mixed.totals).not.toHaveProperty('tpp')
  })

  it('knows the paragraph of a family member whose size is not listed', () => {
    expect(verdict({ provider: 'aws', skus: [{ raw: 'p5.96xlarge', count: 1 }] })).toMatchObject({
      resolution: 'unknown',
      paragraph: '3A090.a',
    })
  })

  it('lets unknown hide .b', () => {
    const skus = [
      { raw: 'x', count: 1, accelerators: [{ model: 'nvidia-a30', count: 1 }] },
      { raw: 'y', count: 1 },
    ]
    expect(verdict({ provider: 'site', skus }).paragraph).toBe('unknown')
  })
})

describe('training likelihood', () => {
  it('is low for one small machine and high for a joined cluster', () => {
    expect(verdict({ provider: 'aws', skus: [{ raw: 'g4dn.xlarge', count: 1 }] }).training.level).toBe('low')
    expect(verdict({ ...H100_NODES(32), interconnect: 'efa', placement: 'cluster', durationHours: 21 * 24 }).training).toMatchObject({
      level: 'high',
    })
  })

  it('sees the machines speak against rendering', () => {
    const cluster = { ...H100_NODES(32), interconnect: 'infiniband', placement: 'cluster', durationHours: 21 * 24 } as const
    expect(verdict({ ...cluster, declared: 'rendering' }).training).toMatchObject({
      contradictsDeclared: true,
      declared: 'rendering',
      level: 'high',
    })
    expect(verdict({ ...cluster, declared: 'ai-training' }).training.contradictsDeclared).toBe(false)
    expect(verdict({ provider: 'aws', skus: [{ raw: 'g5.xlarge', count: 4 }], declared: 'rendering' }).training.contradictsDeclared).toBe(
      false,
    )
  })

  it('takes a training tool as a contradiction by itself', () => {
    const facts = { provider: 'aws', skus: [{ raw: 'g5.xlarge', count: 1 }], declared: 'ai-inference', hints: ['kind:PyTorchJob'] }
    expect(verdict(facts).training).toMatchObject({ contradictsDeclared: true, level: 'elevated' })
  })

  it('is unknown where machines are unresolved, unless the rest already makes it high', () => {
    const unresolved = { provider: 'aws', skus: [{ raw: 'p9.48xlarge', count: 1 }] }
    expect(verdict(unresolved).training).not.toHaveProperty('likelihood')
    expect(verdict(unresolved).training.level).toBe('unknown')
    expect(verdict({ ...unresolved, declared: 'ai-training' }).training.level).toBe('high')
  })

  it('never falls when machines, hints, time or training as the purpose are added', () => {
    const hint = fc.subarray(['kind:PyTorchJob', 'entrypoint:torchrun', 'managed-training-job', 'kind:MPIJob', 'kind:Deployment'])
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(2000), fc.nat(2000), hint, hint, (nodes, more, hours, longer, some, others) => {
        const points = (facts: Partial<WorkloadFacts>) => verdict(facts).training.likelihood ?? -1
        const less = points({ ...H100_NODES(nodes + 1), durationHours: hours, hints: some, interconnect: 'ethernet' })
        const most = points({
          ...H100_NODES(nodes + more + 1),
          durationHours: hours + longer,
          hints: [...some, ...others],
          interconnect: 'efa',
        })
        expect(most).toBeGreaterThanOrEqual(less)
      }),
      { numRuns: 60 },
    )
  })

  it('does not fall when the end, or the network between machines, is left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(5000), (nodes, durationHours) => {
        const stated = verdict({ ...H100_NODES(nodes), durationHours }).training.likelihood ?? 0
        expect(verdict(H100_NODES(nodes)).training.likelihood).toBeGreaterThanOrEqual(stated)
      }),
      { numRuns: 60 },
    )
  })
})

describe('region', () => {
  const region = (provider: string, stated: WorkloadFacts['region']) =>
    verdict({ provider, skus: [], ...(stated ? { region: stated } : {}) }).region

  it('reads the row of the region or zone', () => {
    expect(region('gcp', { raw: 'europe-west4-b' })).toMatchObject({ country: 'NL', relation: 'own', stateAffiliated: 'no' })
    expect(region('aws', { raw: 'cn-north-1' })).toMatchObject({ country: 'CN', relation: 'partner' })
  })

  it('is unknown without a row, and takes what is stated', () => {
    expect(region('site', { raw: 'hall-1', country: 'SG', operator: 'Example Hosting' })).toEqual({
      raw: 'hall-1',
      country: 'SG',
      operator: 'Example Hosting',
      stateAffiliated: 'unknown',
    })
  })

  it('drops a country on which row and statement differ, and doubts another operator', () => {
    const answer = region('aws', { raw: 'eu-central-1', country: 'CN', operator: 'Example Hosting' })
    expect(answer).not.toHaveProperty('country')
    expect(answer.stateAffiliated).toBe('unknown')
  })
})
