import fc from 'fast-check'
import { epochOf, instant, instantText } from './instant.js'
import { validateAgainstClock } from './validate-against-clock.js'

describe('instants', () => {
  it('agree with the platform in both directions', () => {
    const dates = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    fc.assert(
      fc.property(dates, (date) => {
        expect(instantText(date.getTime())).toBe(date.toISOString())
        expect(epochOf(date.toISOString())).toBe(date.getTime())
      }),
    )
  })
  it.each([
    ['2024-12-16 18:41:07.000000000', '2024-12-16T18:41:07.000Z'],
    ['2026-09-14T09:00:02.4459999+02:00', '2026-09-14T07:00:02.445Z'],
    ['2024-02-29T00:00:00-0130', '2024-02-29T01:30:00.000Z'],
    ['2026-02-29T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    [7, undefined],
  ])('%s', (written, read) => {
    expect(instant(written)).toBe(read)
  })
})

describe('validateAgainstClock', () => {
  const request = (occurredAt: string) => ({ source: 's', action: 'create' as const, enforcement: 'pre' as const, skus: [], occurredAt })
  it.each([
    ['2026-10-01T08:05:00Z', []],
    ['2026-10-01T08:05:00.001Z', ['/occurredAt']],
    ['1999-01-01T00:00:00Z', []],
    ['soon', ['/occurredAt']],
  ])('%s', (occurredAt, pointers) => {
    expect(validateAgainstClock(request(occurredAt), '2026-10-01T08:00:00Z').map(({ pointer }) => pointer)).toEqual(pointers)
  })
})
