import { licenseFor, type License } from '@weir/adjudication-core'
import fc from 'fast-check'
import { LicenseBook } from './license-book.js'
import type { LicenseMove, RequestState, Reservation } from './ports.js'

const license = (changes: Partial<License> = {}): License => ({
  licenseId: 'one',
  number: 'D1',
  customerId: 'customer-1',
  paragraphs: ['3A090.a'],
  models: [],
  available: 10,
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2027-01-01T00:00:00Z',
  ...changes,
})
const ids = () => {
  let n = 0
  return () => `reservation-${(n += 1)}`
}
const state = (changes: Partial<RequestState> = {}): RequestState => ({
  requestId: 'request-1',
  started: false,
  reservations: [],
  ...changes,
})
const draw = (quantity: number, licenseId = 'one') => ({ licenseId, number: 'D1', quantity })
const reserved = (quantity: number, licenseId = 'one'): Reservation => ({ reservationId: 'before', licenseId, quantity, state: 'reserved' })
const brief = (moves: readonly LicenseMove[]) =>
  moves.map(({ kind, licenseId, quantity, available }) => [kind, licenseId, quantity, available])

test('an approval reserves; the balance is told', () => {
  const book = new LicenseBook([license()], ids())
  const { moves, drawn } = book.settle(state(), draw(10))
  expect(brief(moves)).toEqual([['reserved', 'one', 10, 0]])
  expect(drawn).toEqual({ licenseId: 'one', reservationId: 'reservation-1', quantity: 10 })
  expect(book.licenses[0]?.available).toBe(0)
})

test('the same wish again moves nothing, another one releases first', () => {
  const held = state({ reservations: [reserved(4)] })
  const book = () => new LicenseBook([license({ available: 6 }), license({ licenseId: 'two' })], ids())
  expect(book().settle(held, draw(4))).toEqual({ moves: [], drawn: { licenseId: 'one', reservationId: 'before', quantity: 4 } })
  expect(brief(book().settle(held, draw(10)).moves)).toEqual([
    ['released', 'one', 4, 10],
    ['reserved', 'one', 10, 0],
  ])
  expect(brief(book().settle(held, draw(3, 'two')).moves)).toEqual([
    ['released', 'one', 4, 10],
    ['reserved', 'two', 3, 7],
  ])
  expect(brief(book().settle(held, undefined).moves)).toEqual([['released', 'one', 4, 10]])
})

test('what is consumed stays consumed and counts', () => {
  const used = state({ started: true, reservations: [{ ...reserved(4), state: 'consumed' }] })
  const book = () => new LicenseBook([license({ available: 6 })], ids())
  expect(book().settle(used, draw(4))).toMatchObject({ moves: [], drawn: { reservationId: 'before' } })
  expect(book().settle(used, draw(2)).moves).toEqual([])
  expect(book().settle(used, undefined)).toEqual({ moves: [] })
  expect(brief(book().settle(used, draw(7)).moves)).toEqual([
    ['reserved', 'one', 3, 3],
    ['consumed', 'one', 3, 3],
  ])
  expect(book().end(used, 'released')).toEqual([])
})

test('an act that ended before it was decided keeps nothing of the balance', () => {
  const newest = { ask: 1 } as NonNullable<RequestState['newest']>
  const settle = (changes: Partial<RequestState>) => brief(new LicenseBook([license()], ids()).settle(state(changes), draw(4)).moves)
  expect(settle({ endedAsk: 1, newest })).toEqual([
    ['reserved', 'one', 4, 6],
    ['released', 'one', 4, 10],
  ])
  expect(settle({ endedAsk: 1, newest: { ...newest, ask: 2 } })).toEqual([['reserved', 'one', 4, 6]])
})

test('a license that was not locked is not moved', () => {
  expect(() => new LicenseBook([], ids()).settle(state(), draw(1))).toThrow(/without being locked/)
})

test('whatever is asked, dropped, started and ended in whatever order: never below zero, nothing lost', () => {
  const requests = ['a', 'b', 'c'] as const
  const step = fc.record({
    request: fc.constantFrom(...requests),
    act: fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask' as const), count: fc.integer({ min: 1, max: 6 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'consumed' as const, 'released' as const) }) },
    ),
  })
  const seen = { drawn: 0, refused: 0 }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 0, max: 12 }), (steps, quantity) => {
      let current = license({ available: quantity })
      const newId = ids()
      const held = new Map<string, Reservation[]>()
      const of = (request: string) => held.get(request) ?? []
      for (const { request, act } of steps) {
        const book = new LicenseBook([current], newId)
        const was = state({ requestId: request, reservations: of(request) })
        if (act.kind === 'ask' || act.kind === 'drop') {
          const own = of(request).reduce((sum, one) => sum + one.quantity, 0)
          const part = { model: 'chip', count: act.kind === 'ask' ? act.count : 0, paragraph: '3A090.a' as const }
          const answer = licenseFor({
            customerId: 'customer-1',
            what: { resolution: 'accelerators', paragraph: '3A090.a', parts: [part] },
            licenses: [{ ...current, available: current.available + own }],
            now: '2026-03-02T00:00:00Z',
          })
          const covers = act.kind === 'ask' && answer.kind === 'covers'
          seen[covers ? 'drawn' : 'refused'] += 1
          book.settle(was, covers ? answer.draw : undefined)
        } else {
          book.end(was, act.kind)
        }
        for (const move of book.moves) {
          const others = of(move.requestId).filter((one) => one.reservationId !== move.reservationId)
          const { kind, reservationId, licenseId, quantity: moved } = move
          held.set(move.requestId, kind === 'released' ? others : [...others, { reservationId, licenseId, quantity: moved, state: kind }])
          expect(move.available).toBeGreaterThanOrEqual(0)
        }
        current = book.licenses[0] ?? current
        const taken = requests.flatMap(of).reduce((sum, one) => sum + one.quantity, 0)
        expect(current.available + taken).toBe(quantity)
        expect(of(request).filter((one) => one.state === 'reserved').length).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 500 },
  )
  expect(Math.min(seen.drawn, seen.refused)).toBeGreaterThan(200)
})
