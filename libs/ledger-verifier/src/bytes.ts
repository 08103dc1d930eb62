/** SHA-256, handed in by whoever calls: Node has one, a browser another. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))))
const valueOf = (text: string, at: number): number => VALUES[text.charCodeAt(at)] ?? 0

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Not for secrets: it stops at the first difference. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])

/** Every two letters, by their twelve bits. */
const pairsOf = (alphabet: string): readonly string[] => [...alphabet].flatMap((first) => [...alphabet].map((second) => first + second))

const STANDARD = pairsOf(ALPHABET)
const URL_SAFE = pairsOf(ALPHABET.replace('+/', '-_'))

/** Without padding. */
function encoded(bytes: Uint8Array, pairs: readonly string[]): string {
  let text = ''
  const whole = bytes.length - (bytes.length % 3)
  for (let at = 0; at < whole; at += 3) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += (pairs[word >> 12] ?? '') + (pairs[word & 4095] ?? '')
  }
  if (whole === bytes.length) return text
  const word = ((bytes[whole] ?? 0) << 16) | ((bytes[whole + 1] ?? 0) << 8)
  return text + (pairs[word >> 12] ?? '') + (whole + 1 === bytes.length ? '' : (pairs[word & 4095] ?? '').charAt(0))
}

export function toBase64(bytes: Uint8Array): string {
  const text = encoded(bytes, STANDARD)
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** Standard alphabet with padding and no spare bits; undefined for any other text, so that one value has one spelling. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const spare = padding === 0 ? 0 : valueOf(text, text.length - padding - 1) & (padding === 1 ? 0b11 : 0b1111)
  if (spare !== 0) return undefined
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let at = 0, out = 0; at < text.length; at += 4) {
    const word = (valueOf(text, at) << 18) | (valueOf(text, at + 1) << 12) | (valueOf(text, at + 2) << 6) | valueOf(text, at + 3)
    // What lies past the end is not kept.
    bytes[out++] = word >> 16
    bytes[out++] = word >> 8
    bytes[out++] = word
  }
  return bytes
}

export const toBase64Url = (bytes: Uint8Array): string => encoded(bytes, URL_SAFE)

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte] ?? ''
  return text
}

export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16))
}

/** UTF-8; a lone surrogate becomes U+FFFD, as in every encoder. */
export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return withOthers(text)
    bytes[at] = code
  }
  return bytes
}

/** Text that is not ASCII alone. */
function withOthers(text: string): Uint8Array {
  // A UTF-16 code unit takes three bytes at most.
  const bytes = new Uint8Array(text.length * 3)
  let end = 0
  for (let at = 0; at < text.length; at++) {
    const whole = text.codePointAt(at) ?? 0
    if (whole > 0xffff) at++
    const code = whole >= 0xd800 && whole <= 0xdfff ? 0xfffd : whole
    if (code < 0x80) bytes[end++] = code
    else if (code < 0x800) {
      bytes[end++] = 0xc0 | (code >> 6)
      bytes[end++] = tail(code)
    } else {
      if (code < 0x10000) bytes[end++] = 0xe0 | (code >> 12)
      else {
        bytes[end++] = 0xf0 | (code >> 18)
        bytes[end++] = tail(code >> 12)
      }
      bytes[end++] = tail(code >> 6)
      bytes[end++] = tail(code)
    }
  }
  return bytes.slice(0, end)
}

const tail = (bits: number): number => 0x80 | (bits & 63)
