/** SHA-256, handed in by whoever calls: Node has one, a browser another. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]))

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

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += letter(word >> 18) + letter(word >> 12) + (left > 1 ? letter(word >> 6) : '=') + (left > 2 ? letter(word) : '=')
  }
  return text
}

const letter = (bits: number): string => ALPHABET.charAt(bits & 63)

/** Standard alphabet with padding and no spare bits; undefined for any other text, so that one value has one spelling. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let at = 0, out = 0; at < text.length; at += 4) {
    const word = [0, 1, 2, 3].reduce((bits, n) => (bits << 6) | (VALUES.get(text.charAt(at + n)) ?? 0), 0)
    for (let n = 0; n < 3 && out < bytes.length; n++) bytes[out++] = (word >> (16 - 8 * n)) & 255
  }
  return toBase64(bytes) === text ? bytes : undefined
}

export const toBase64Url = (bytes: Uint8Array): string => toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16))
}

/** UTF-8; a lone surrogate becomes U+FFFD, as in every encoder. */
export function utf8(text: string): Uint8Array {
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
