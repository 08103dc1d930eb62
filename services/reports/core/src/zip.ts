import { concat, utf8 } from '@weir/ledger-verifier'

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
const MAX_PATH = 255
/** Offsets have four bytes; what needs more is another format (Zip64). */
const MAX_BYTES = 0xffff_fffe

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
 * Whether a path stays below the folder that a package is unpacked into, on every system: relative, slashes only, no dot
 * segments, no drive, no control character, nothing that Windows strips from the end of a name.
 */
export function isPlainPath(path: string): boolean {
  if (path === '' || utf8(path).length > MAX_PATH || /[\u0000-\u001f\u007f\\:*?"<>|\uFFFD]/u.test(path)) return false
  return path.split('/').every((segment) => segment !== '' && !/[. ]$/.test(segment))
}

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
    if (!isPlainPath(path)) throw new RangeError(`not a path of a package: ${JSON.stringify(path)}`)
    const name = utf8(path)
    const shared = [...u16(20), ...u16(UTF8_FLAG), ...u16(0), ...u16(0), ...u16(DOS_DATE), ...u32(crc32(content)), ...u32(content.length)]
    const fields = [...shared, ...u32(content.length), ...u16(name.length), ...u16(0)]
    const local = concat(Uint8Array.from([...u32(LOCAL), ...fields]), name)
    directory.push(
      concat(Uint8Array.from([...u32(CENTRAL), ...u16(20), ...fields, ...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(offset)]), name),
    )
    parts.push(local, content)
    offset += local.length + content.length
    if (offset > MAX_BYTES) throw new RangeError(`a package holds at most ${MAX_BYTES} bytes`)
  }
  const central = joined(directory)
  const end = [...u32(END), ...u16(0), ...u16(0), ...u16(files.size), ...u16(files.size), ...u32(central.length), ...u32(offset), ...u16(0)]
  return joined([...parts, central, Uint8Array.from(end)])
}

/** For very many parts, which would not fit as arguments on the stack. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/**
 * The files in a ZIP, as far as it can be read; undefined: this is no package. Danger: what this answers may differ from what
 * other programs unpack, unless `writeZip` makes exactly these bytes of it again.
 */
export function readZip(bytes: Uint8Array, decode: (bytes: Uint8Array) => string): PackageFiles | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const files = new Map<string, Uint8Array>()
  let at = 0
  while (at + 30 <= bytes.length && view.getUint32(at, true) === LOCAL) {
    const [size, nameLength, extraLength] = [view.getUint32(at + 18, true), view.getUint16(at + 26, true), view.getUint16(at + 28, true)]
    const start = at + 30 + nameLength + extraLength
    const path = decode(bytes.subarray(at + 30, at + 30 + nameLength))
    if (start + size > bytes.length || files.size >= MAX_FILES || !isPlainPath(path) || files.has(path)) break
    files.set(path, bytes.subarray(start, start + size))
    at = start + size
  }
  return files.size > 0 ? files : undefined
}
