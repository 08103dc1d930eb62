import { utf8 } from '@weir/ledger-verifier'
import { decode } from '../test/sample-log.js'
import { crc32, isPlainPath, readZip, writeZip } from './zip.js'

const files = new Map([
  ['report.json', utf8('{}\n')],
  ['entries/0.json', utf8('')],
  ['Bericht für Søren 深圳.txt', Uint8Array.from({ length: 300 }, (_, n) => n & 255)],
])

test('a ZIP holds what was put in, in that order, and is the same bytes each time', () => {
  const zip = writeZip(files)

  expect([...(readZip(zip, decode) ?? [])].map(([path, content]) => [path, [...content]])).toEqual(
    [...files].map(([path, content]) => [path, [...content]]),
  )
  expect(writeZip(new Map(files))).toEqual(zip)
  expect(writeZip(new Map([...files].reverse()))).not.toEqual(zip)
})

test('the checksum is that of the format', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926)
  expect(crc32(new Uint8Array(0))).toBe(0)
})

test('names are UTF-8 and say so; no date, no extra field, no comment', () => {
  const zip = Buffer.from(writeZip(files))

  expect(zip.readUInt16LE(6)).toBe(0x0800)
  expect(zip.readUInt16LE(8)).toBe(0)
  expect([zip.readUInt16LE(10), zip.readUInt16LE(12)]).toEqual([0, 0x21])
  expect(zip.includes('Bericht für Søren 深圳.txt')).toBe(true)
  expect(zip.readUInt16LE(zip.length - 2)).toBe(0)
})

const tricks = [
  '',
  '/etc/passwd',
  '../up',
  'a/../../up',
  './a',
  'a//b',
  'a/',
  '..',
  'C:/windows',
  'a\\..\\b',
  'a\0b',
  'a\nb',
  'con.',
  'trailing /x',
  'x'.repeat(300),
]

test.each(tricks)('the path %j is neither written nor read', (path) => {
  expect(isPlainPath(path)).toBe(false)
  expect(() => writeZip(new Map([[path, utf8('x')]]))).toThrow(RangeError)
  const [long, same] = [utf8(path), 'y'.repeat(utf8(path).length)]
  if (long.length === 0 || long.length > 255) return
  // A ZIP of a plain path, in which the trick takes its place.
  const zip = Buffer.from(writeZip(new Map([[same, utf8('x')]])))
  for (let at = zip.indexOf(same); at >= 0; at = zip.indexOf(same, at + 1)) zip.set(long, at)
  expect(readZip(zip, decode)).toBeUndefined()
})

test('what is no ZIP, or an empty one, or cut off, or holds a path twice, does not read as a whole one', () => {
  const zip = writeZip(files)
  expect(readZip(new Uint8Array(0), decode)).toBeUndefined()
  expect(readZip(utf8('not a ZIP at all, but long enough to hold a header'), decode)).toBeUndefined()
  expect(readZip(writeZip(new Map()), decode)).toBeUndefined()
  expect(readZip(zip.subarray(0, 60), decode)?.size).toBe(1)
  const twice = Buffer.from(writeZip(new Map([['aa', utf8('1')], ['ab', utf8('2')]]))) // prettier-ignore
  twice.set(utf8('aa'), twice.indexOf('ab'))
  expect(readZip(twice, decode)?.size).toBe(1)
})

test('more files than the format counts are refused', () => {
  const many = new Map(Array.from({ length: 65_001 }, (_, n) => [`f${n}`, new Uint8Array(0)]))
  expect(() => writeZip(many)).toThrow(RangeError)
})

test('as many files as the format counts fit, on whatever is left of the stack', () => {
  const many = new Map(Array.from({ length: 65_000 }, (_, n) => [`f${n}`, new Uint8Array(1)]))
  const deep = (level: number): Uint8Array => (level === 0 ? writeZip(many) : deep(level - 1))
  expect(readZip(deep(3_000), decode)?.size).toBe(65_000)
})
