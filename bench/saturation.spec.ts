import { grows, searchSaturation, whyNotSustained, type Probe } from './saturation.mjs'

const level = (value: number, count = 12) => Array.from({ length: count }, () => value)
const fine: Probe = {
  rate: 100,
  seconds: 10,
  p99: 80,
  achieved: 100,
  answers: { '200 approve': 1_000 },
  underWay: level(5),
  gaveUp: false,
}

describe('why a rate was not sustained', () => {
  it('finds nothing where all was answered in time', () => {
    expect(whyNotSustained(fine)).toEqual([])
  })

  it.each<[string, Partial<Probe>, RegExp]>([
    ['one answer that is no decision yet', { answers: { '200 approve': 999, '202': 1 } }, /1 answers were 202/],
    ['a hold', { answers: { '200 approve': 999, '200 hold': 1 } }, /200 hold/],
    ['a p99 of a second', { p99: 1_000 }, /p99 was 1000 ms/],
    ['no answers at all', { p99: undefined, answers: {} }, /p99/],
    ['a growing backlog', { underWay: [...level(5), ...level(20), ...level(60)] }, /the backlog grew/],
    ['fewer answers than requests', { achieved: 90 }, /90 of 100 a second/],
    ['requests that were not sent any more', { gaveUp: true }, /piled up/],
    ['consumers that fall behind', { behind: 101 }, /101 messages behind/],
  ])('sees %s', (_, difference, reason) => {
    expect(whyNotSustained({ ...fine, ...difference })).toEqual([expect.stringMatching(reason)])
  })

  it('takes a hiccup of a tenth of a second for no growth', () => {
    expect(grows([...level(2), ...level(2), ...level(12)], { rate: 100 })).toBe(false)
    expect(grows([...level(2), ...level(2), ...level(14)], { rate: 100 })).toBe(true)
  })

  it('takes a backlog that shrinks for no growth', () => {
    expect(grows([...level(300), ...level(100), ...level(5)], { rate: 100 })).toBe(false)
  })
})

describe('the search for saturation', () => {
  const search = (capacity: number, more: { readonly longCapacity?: number; readonly from?: number; readonly most?: number } = {}) =>
    searchSaturation({
      probe: async (rate) => ({ sustained: rate <= capacity }),
      confirm: async (rate) => ({ sustained: rate <= (more.longCapacity ?? capacity) }),
      from: more.from ?? 100,
      most: more.most ?? 10_000,
    })

  it.each([37, 150, 640, 1_730, 4_400])('finds a capacity of %d to within a tenth, from below', async (capacity) => {
    const { rate } = await search(capacity)

    expect(rate).toBeLessThanOrEqual(capacity)
    expect(rate).toBeGreaterThanOrEqual(capacity * 0.85)
  })

  it('goes down from a first rate that is too high', async () => {
    const { rate } = await search(60, { from: 1_000 })

    expect(rate).toBeLessThanOrEqual(60)
    expect(rate).toBeGreaterThanOrEqual(50)
  })

  it('reports what held for long, not what held for a moment', async () => {
    const { rate, confirmed } = await search(1_000, { longCapacity: 700 })

    expect(confirmed).toEqual({ sustained: true })
    expect(rate).toBeLessThanOrEqual(700)
    expect(rate).toBeGreaterThanOrEqual(600)
  })

  it('ends at the highest rate that the load can make', async () => {
    const { rate } = await search(Infinity, { most: 2_000 })

    expect(rate).toBeLessThanOrEqual(2_000)
    expect(rate).toBeGreaterThan(1_000)
  })

  it('finds none where nothing holds', async () => {
    const { rate, confirmed, probes } = await search(0)

    expect({ rate, confirmed }).toEqual({ rate: 0, confirmed: undefined })
    expect(probes.every(({ sustained }) => !sustained)).toBe(true)
  })

  it('keeps every probe', async () => {
    const { probes } = await search(150)

    expect(probes.slice(0, 3)).toEqual([
      { rate: 100, sustained: true },
      { rate: 150, sustained: true },
      { rate: 230, sustained: false },
    ])
    expect(probes.at(-1)).toMatchObject({ confirming: true, sustained: true })
  })
})
