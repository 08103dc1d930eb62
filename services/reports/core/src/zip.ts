import { concat, equalBytes, utf8 } from '@weir/ledger-verifier'

/** A file of a package: path and content. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** 1980-01-01, the earliest date that the format can state: a package says nothing about when it was packed. */
const DOS_DATE = 0x0021
/** file names are UTF-8 */
const UTF8_FLAG = 0x0800
const MAX_FILES = 65_000

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc >>> 0
})

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 255] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}

const u16 = (value: number): number[] => [value & 255, (value >>> 8) & 255]
const u32 = (value: number): number[] => [...u16(value), ...u16(value >>> 16)]

/**
 * A ZIP with one spelling: entries stored in the order given, no dates, no extra fields, no comments. So a verifier can
 * write it again from its content, and a byte changed anywhere in the file shows.
 */
export function writeZip(files: PackageFiles): Uint8Array {
  if (files.size > MAX_FILES) throw new RangeError(`a package holds at most ${MAX_FILES} files`)
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const [path, content] of files) {
    const name = utf8(path)
    const shared = [...u16(20), ...u16(UTF8_FLAG), ...u16(0), ...u16(0), ...u16(DOS_DATE), ...u32(crc32(content)), ...u32(content.length)]
    const fields = [...shared, ...u32(content.length), ...u16(name.length), ...u16(0)]
    const local = concat(Uint8Array.from([...u32(LOCAL), ...fields]), name)
    directory.push(
      concat(Uint8Array.from([...u32(CENTRAL), ...u16(20), ...fields, ...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(offset)]), name),
    )
    parts.push(local, content)
    offset += local.length + content.length
  }
  const central = concat(...directory)
  const end = [...u32(END), ...u16(0), ...u16(0), ...u16(files.size), ...u16(files.size), ...u32(central.length), ...u32(offset), ...u16(0)]
  return concat(...parts, central, Uint8Array.from(end))
}

/** undefined: not a package that `writeZip` wrote, or not one any more. */
export function readZip(bytes: Uint8Array, decode: (bytes: Uint8Array) => string): PackageFiles | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const files = new Map<string, Uint8Array>()
  let at = 0
  while (at + 30 <= bytes.length && view.getUint32(at, true) === LOCAL) {
    const [size, nameLength, extraLength] = [view.getUint32(at + 18, true), view.getUint16(at + 26, true), view.getUint16(at + 28, true)]
    const start = at + 30 + nameLength + extraLength
    if (start + size > bytes.length || files.size > MAX_FILES) return undefined
    files.set(decode(bytes.subarray(at + 30, at + 30 + nameLength)), bytes.subarray(start, start + size))
    at = start + size
  }
  return files.size > 0 ? files : undefined
}

/** Whether these bytes are exactly the ZIP of these files. */
export const isExactly = (bytes: Uint8Array, files: PackageFiles): boolean => equalBytes(bytes, writeZip(files))
