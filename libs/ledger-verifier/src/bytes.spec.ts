import fc from 'fast-check'
import { fromBase64, fromHex, toBase64, toBase64Url, toHex, utf8 } from './index.js'

const units = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd700, max: 0xe000 }), fc.integer({ min: 0, max: 0x7f })),
)

test('text becomes the bytes that Node makes of it, lone surrogates included', () => {
  fc.assert(
    fc.property(units, (codes) => {
      const text = String.fromCharCode(...codes)
      expect(Buffer.from(utf8(text)).equals(Buffer.from(text, 'utf8'))).toBe(true)
    }),
  )
})

test('base64 and hex read back what they write, and write what Node writes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
      expect(fromHex(toHex(bytes))).toEqual(bytes)
    }),
  )
})

test.each(['A', 'AAA', 'AB==', 'AAB=', 'AA==AA==', 'AA-_', 'A A='])('%s is no base64: one value has one spelling', (text) => {
  expect(fromBase64(text)).toBeUndefined()
})
