import { Gatherer } from './gatherer.js'
import type { PartitionBatch } from './transport.js'

const batch = (partition: number, count = 1): PartitionBatch => ({
  topic: 'weir.decisions',
  partition,
  epoch: 1,
  messages: Array.from({ length: count }, (_, n) => ({
    topic: 'weir.decisions',
    partition,
    offset: BigInt(n),
    key: 'k',
    headers: {},
    value: '{}',
  })),
})

const gathererOf = (together: (batches: readonly PartitionBatch[]) => Promise<void>) =>
  new Gatherer({ together, alone: (one) => together([one]) })

describe('gatherer', () => {
  it('drains all partitions into one transaction', async () => {
    const calls: number[][] = []
    const gatherer = gathererOf(async (batches) => void calls.push(batches.map(({ partition }) => partition)))
    await Promise.all([0, 1, 2].map((partition) => gatherer.add(batch(partition))))

    expect(calls).toEqual([[0, 1, 2]])
  })

  it('never puts more than 512 messages together', async () => {
    const calls: number[][] = []
    const gatherer = gathererOf(async (batches) => void calls.push(batches.map(({ partition }) => partition)))
    await Promise.all([0, 1, 2].map((partition) => gatherer.add(batch(partition, 300))))

    expect(calls).toEqual([[0], [1], [2]])
  })

  it('lets a batch that fails by itself fail alone', async () => {
    const gatherer = gathererOf(async (batches) => {
      if (batches.some(({ partition }) => partition === 1)) throw new RangeError('out of order')
    })
    const results = await Promise.allSettled([0, 1, 2].map((partition) => gatherer.add(batch(partition))))

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('tries nothing twice when the database is away', async () => {
    let calls = 0
    const gatherer = gathererOf(async () => {
      calls += 1
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    })
    const results = await Promise.allSettled([0, 1, 2].map((partition) => gatherer.add(batch(partition))))

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(calls).toBe(1)
  })
})
