import { listedOwnershipPercent } from './listed-ownership.js'
import { graphOf, percentOf } from '../test/declarations.js'

/** Published vectors of the 50 percent rule: X and Y are listed, what X does not hold is held by somebody named. */
describe('the 50 percent rule', () => {
  it.each([
    ['X50->A, A50->B', { B: { A: 50 }, A: { X: 50 } }, 'B', 50],
    ['X50->A, X50->B, A25->C, B25->C', { C: { A: 25, B: 25 }, A: { X: 50 }, B: { X: 50 } }, 'C', 50],
    ['X50->A, X10->B, A40->B', { B: { X: 10, A: 40 }, A: { X: 50 } }, 'B', 50],
    ['X25->A, Y25->A', { A: { X: 25, Y: 25 } }, 'A', 50],
    ['X50->A, X25->B, A25->C, B25->C', { C: { A: 25, B: 25 }, A: { X: 50 }, B: { X: 25 } }, 'C', 25],
    ['X25->A, X25->B, A50->C, B50->C', { C: { A: 50, B: 50 }, A: { X: 25 }, B: { X: 25 } }, 'C', 0],
  ])('%s', (_, holdings, customer, expected) => {
    expect(percentOf({ customer, holdings, listed: ['X', 'Y'], fill: true })).toBe(expected)
  })

  it('is not computable while somebody unknown may hold half', () => {
    expect(percentOf({ customer: 'A', holdings: { A: { X: 20 } }, listed: ['X'] })).toBeUndefined()
    expect(percentOf({ customer: 'A', holdings: {}, listed: [] })).toBeUndefined()
  })

  it('is computable where what is undeclared cannot reach half', () => {
    expect(percentOf({ customer: 'A', holdings: { A: { X: 20, P: 51 } }, listed: ['X'], persons: ['P'] })).toBe(20)
  })

  it('follows an owner whose own owners are unknown', () => {
    expect(percentOf({ customer: 'A', holdings: { A: { B: 60, P: 40 } }, listed: ['X'], persons: ['P'] })).toBeUndefined()
  })

  it('takes sixths as they are meant', () => {
    expect(percentOf({ customer: 'A', holdings: { A: { X: 16.7, Y: 33.3 } }, listed: ['X', 'Y'], fill: true })).toBe(50)
  })

  it('ends in a circle', () => {
    const holdings = { A: { B: 60 }, B: { A: 60, X: 40 } }
    expect(percentOf({ customer: 'A', holdings, listed: ['X'], fill: true })).toBe(0)
  })

  it('does not take the word of a customer that hides the share of a listed owner', () => {
    const graph = graphOf({ customerId: 'A', name: 'A', noneAbove: true, owners: [{ partyId: 'X', name: 'X' }] })
    expect(listedOwnershipPercent(graph, new Set(['X']))).toBeUndefined()
  })
})
