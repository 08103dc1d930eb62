import { intendedStart, percentile, summaryOf } from './percentiles.mjs'

const oneTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

describe('percentiles', () => {
  it.each([
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
  ])('takes the smallest value that a share of %d does not exceed', (share, expected) => {
    expect(percentile(oneTo(100).reverse(), share)).toBe(expected)
  })

  it('sorts by size, not as text', () => {
    expect(percentile([9, 10, 100, 1], 0.5)).toBe(9)
  })

  it('tells of nothing that there is nothing', () => {
    expect(summaryOf([])).toEqual({ count: 0, p50: undefined, p95: undefined, p99: undefined, p999: undefined, max: undefined })
  })

  it('sees one slow answer of a thousand in p99.9 only from the second one on', () => {
    expect(summaryOf([...oneTo(999).map(() => 1), 500]).p999).toBe(1)
    expect(summaryOf([...oneTo(998).map(() => 1), 500, 500]).p999).toBe(500)
  })
})

describe('intended start', () => {
  it('is on schedule, whatever the answers did', () => {
    expect([0, 1, 50, 100].map((n) => intendedStart(n, { begin: 1_000, rate: 100 }))).toEqual([1_000, 1_010, 1_500, 2_000])
  })

  it('makes a stall count for all requests that were meant to start during it', () => {
    // One second without an answer at 10/s, then all at once: the first waited for all of it, the last for a tenth.
    const latencies = oneTo(10).map((n) => 2_000 - intendedStart(n - 1, { begin: 1_000, rate: 10 }))

    expect(summaryOf(latencies)).toMatchObject({ p50: 500, max: 1_000 })
  })
})
