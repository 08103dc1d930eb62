import { at, jsonOf, legalStatusOf, outcomeOf, recordedAtOf, textAt, type DecisionRecord } from './decision-record.js'

const record = (outcome: unknown): DecisionRecord => ({
  requestId: 'r',
  revision: 1,
  decidedAt: '2026-03-02T10:00:00.000Z',
  recordedAt: '2026-03-02T10:00:00.250Z',
  index: 0,
  sections: { outcome: { salt: 's', value: outcome } },
})

test('reads members that exist, and nothing that an object only inherits', () => {
  expect(at({ a: [{ b: null }] }, 'a', 0, 'b')).toBeNull()
  expect(at({ a: 1 }, 'a', 'b')).toBeUndefined()
  expect(at({}, 'constructor')).toBeUndefined()
  expect(at([], 'length', 'x')).toBeUndefined()
  expect(textAt({ n: 7, t: 'x', o: {} }, 'n')).toBe('7')
  expect(textAt({ o: {} }, 'o')).toBeUndefined()
})

test('the legal status is that of the first reason; without a rule there is none', () => {
  const reasons = [{ legalStatus: 'company-policy' }, { legalStatus: 'in-force' }]
  expect(legalStatusOf(record({ outcome: 'deny', reasons }))).toBe('company-policy')
  expect(legalStatusOf(record({ outcome: 'approve', reasons: [{ code: 'no-controlled-item' }] }))).toBe('none')
  expect(outcomeOf(record({ outcome: 'deny', reasons }))).toBe('deny')
})

test('an outcome that is not disclosed is unknown, never an approval', () => {
  expect(outcomeOf({ ...record({}), sections: {} })).toBe('unknown')
  expect(outcomeOf(record(undefined))).toBe('unknown')
})

test('the time of recording is that of the entry', () => {
  expect(recordedAtOf({ t: 1_772_446_800_250 })).toBe('2026-03-02T10:20:00.250Z')
  for (const t of [undefined, '1772446800250', 1.5, -1, Number.MAX_SAFE_INTEGER]) expect(recordedAtOf({ t })).toBeUndefined()
  expect(recordedAtOf(jsonOf('not JSON'))).toBeUndefined()
})
