import fc from 'fast-check'
import { facts, license, NOW } from '../test/rules.js'
import type { ClassifiedPart } from './facts.js'
import { licenseFor, type License } from './license.js'

const what = (...parts: ClassifiedPart[]) => facts({ what: { parts } }).what
const part = (model: string, count: number, paragraph: ClassifiedPart['paragraph'] = '3A090.a'): ClassifiedPart => ({
  model,
  count,
  paragraph,
})
const answer = (licenses: readonly License[], asked = what(part('nvidia-h100-sxm', 8)), customerId: string | undefined = 'customer-1') =>
  licenseFor({ customerId, what: asked, licenses, now: NOW })

test('to the last chip, and not one more', () => {
  expect(answer([license({ available: 8 })])).toMatchObject({ kind: 'covers', draw: { quantity: 8 } })
  expect(answer([license({ available: 7 })])).toEqual({ kind: 'exhausted', number: 'D1000001', needed: 8, available: 7 })
  expect(answer([license({ available: 0 })])).toMatchObject({ kind: 'exhausted', available: 0 })
})

test('valid from its first instant up to its last, which is excluded', () => {
  expect(answer([license({ validFrom: NOW })]).kind).toBe('covers')
  expect(answer([license({ validTo: NOW })]).kind).toBe('none')
  expect(answer([license({ validFrom: '2026-03-02T10:15:00.001Z' })]).kind).toBe('none')
  expect(answer([license({ validTo: '2026-03-02T10:15:00.001Z' })]).kind).toBe('covers')
})

test('every controlled part has to be covered; parts that are not controlled do not count', () => {
  const asked = what(part('nvidia-h100-sxm', 4), part('nvidia-l40s', 3, '3A090.b'), part('nvidia-t4', 100, 'none'))
  expect(answer([license({ available: 7 })], asked).kind).toBe('none')
  expect(answer([license({ available: 7, paragraphs: ['3A090.a', '3A090.b'] })], asked)).toMatchObject({ draw: { quantity: 7 } })
  const models = { paragraphs: ['3A090.a', '3A090.b'] as const, available: 7 }
  expect(answer([license({ ...models, models: ['nvidia-h100-sxm'] })], asked).kind).toBe('none')
  expect(answer([license({ ...models, models: ['nvidia-h100-sxm', 'nvidia-l40s'] })], asked).kind).toBe('covers')
})

test('shares of one card add up before they are rounded up', () => {
  expect(answer([license({ available: 1 })], what(part('nvidia-h100-sxm', 0.5), part('nvidia-h100-pcie', 0.5)))).toMatchObject({
    draw: { quantity: 1 },
  })
  expect(answer([license({ available: 1 })], what(part('nvidia-h100-sxm', 0.5), part('nvidia-h100-pcie', 0.6)))).toMatchObject({
    kind: 'exhausted',
    needed: 2,
  })
})

test('nothing covers what is not known', () => {
  const open = (changes: Parameters<typeof facts>[0]) => answer([license({ available: 1000 })], facts(changes).what)
  expect(open({ what: { parts: [part('a', 1), part('b', 1, 'unknown')] } }).kind).toBe('none')
  const { parts: _p, ...withoutParts } = facts().what
  expect(answer([license()], withoutParts).kind).toBe('none')
  const { resolution: _r, ...withoutResolution } = facts().what
  expect(answer([license()], withoutResolution).kind).toBe('none')
  const { paragraph: _g, ...withoutParagraph } = facts().what
  expect(answer([license()], withoutParagraph).kind).toBe('none')
  expect(licenseFor({ customerId: undefined, what: facts().what, licenses: [license()], now: NOW }).kind).toBe('none')
})

test('of several that cover, the one that ends first is drawn; of one end, the smaller id', () => {
  const late = license({ licenseId: 'late', validTo: '2028-01-01T00:00:00Z' })
  const b = license({ licenseId: 'b', validTo: '2026-06-01T00:00:00Z' })
  const a = license({ licenseId: 'a', validTo: '2026-06-01T00:00:00Z' })
  expect(answer([late, b, a])).toMatchObject({ draw: { licenseId: 'a' } })
  expect(answer([late, { ...b, available: 7 }, { ...a, available: 7 }])).toMatchObject({ draw: { licenseId: 'late' } })
})

test('instants are compared as instants', () => {
  const when = fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2030-12-31T23:59:59Z'), noInvalidDate: true })
  const seconds = (at: Date) => at.toISOString().replace(/\.\d+Z$/, 'Z')
  fc.assert(
    fc.property(when, when, when, fc.boolean(), (from, to, now, short) => {
      const text = (at: Date) => (short ? seconds(at) : at.toISOString())
      const given = license({ validFrom: text(from), validTo: text(to) })
      const valid = Date.parse(text(from)) <= Date.parse(text(now)) && Date.parse(text(now)) < Date.parse(text(to))
      const found = licenseFor({ customerId: 'customer-1', what: facts().what, licenses: [given], now: text(now) })
      expect(found.kind).toBe(valid ? 'covers' : 'none')
    }),
  )
})

test.each(['2026-03-02', '2026-03-02T10:15:00+01:00', 'soon'])('%s is no instant in UTC', (validTo) => {
  expect(() => answer([license({ validTo })])).toThrow(TypeError)
})
