import { around, linearScale, logScale, spread, upTo } from './scale.mjs'

describe('scales', () => {
  it('maps the ends of the domain to the ends of the axis, also where it runs downwards', () => {
    const { at } = linearScale([0, 200], [300, 20])

    expect([at(0), at(100), at(200)]).toEqual([300, 160, 20])
  })

  it('gives equal ratios equal distances on a logarithmic axis', () => {
    const { at } = logScale([1, 1_000], [0, 300])

    expect(at(10) - at(1)).toBeCloseTo(at(1_000) - at(100))
    expect(at(1_000)).toBeCloseTo(300)
  })

  it.each([
    [
      [0, 1],
      [0, 0.2, 0.4, 0.6, 0.8, 1],
    ],
    [
      [0, 50],
      [0, 10, 20, 30, 40, 50],
    ],
    [
      [0, 2_000],
      [0, 500, 1_000, 1_500, 2_000],
    ],
  ] as const)('marks %j with round numbers', (domain, ticks) => {
    expect(linearScale(domain, [0, 1]).ticks).toEqual(ticks)
  })

  it('marks few powers with their 1, 2 and 5, many with themselves alone', () => {
    expect(logScale([5, 200], [0, 1]).ticks).toEqual([5, 10, 20, 50, 100, 200])
    expect(logScale([1, 1_000_000], [0, 1]).ticks).toEqual([1, 10, 100, 1_000, 10_000, 100_000, 1_000_000])
  })

  it.each([[[3, 41]], [[0.2, 999]], [[1_000, 1_000]]])('holds every one of %j', (values) => {
    const [low, high] = around(values)

    expect(low).toBeGreaterThan(0)
    expect(low).toBeLessThanOrEqual(Math.min(...values))
    expect(high).toBeGreaterThan(Math.max(...values))
    expect(upTo(values)[1]).toBeGreaterThanOrEqual(Math.max(...values))
  })
})

describe('labels', () => {
  const room = { height: 10, low: 0, high: 100 }

  it('stay where they are wanted if nothing is near', () => {
    expect(spread([80, 20, 50], room)).toEqual([80, 20, 50])
  })

  it('make way, and keep their order', () => {
    const [first = 0, second = 0, third = 0] = spread([50, 50, 49], room)

    expect(second - first).toBeGreaterThanOrEqual(10)
    expect(first - third).toBeGreaterThanOrEqual(10)
  })

  it('stay inside', () => {
    const places = spread([99, 98, 100], room)

    expect(Math.max(...places)).toBeLessThanOrEqual(100)
    expect(new Set(places).size).toBe(3)
  })
})
