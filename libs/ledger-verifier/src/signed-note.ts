import { concat, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8, type Sha256 } from './bytes.js'
import { ok, refused, type Result } from './result.js'

/** Type byte of an Ed25519 key (C2SP signed-note). */
const ED25519 = 1
const MAX_NOTE = 1_000_000
const MAX_SIGNATURES = 100

export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

export interface Crypto {
  readonly sha256: Sha256
  readonly verifyEd25519: VerifyEd25519
}

export interface VerifierKey {
  readonly name: string
  readonly keyId: Uint8Array
  readonly publicKey: Uint8Array
}

export type KeyRefusal = 'malformed-key' | 'key-id-differs' | 'unknown-key-type'

const validName = (name: string): boolean => name !== '' && !/[\s+]/u.test(name)

/** SHA-256(name || LF || type || key), first four bytes. */
const keyIdOf = (name: string, { key, sha256 }: { readonly key: Uint8Array; readonly sha256: Sha256 }): Uint8Array =>
  sha256(concat(utf8(`${name}\n`), key)).slice(0, 4)

/** `<name>+<8 hex key id>+<base64(type || public key)>` */
export function parseVerifierKey(vkey: string, sha256: Sha256): Result<VerifierKey, KeyRefusal> {
  const [name, id, ...rest] = vkey.split('+')
  const keyId = fromHex(id ?? '')
  // base64 may itself hold plus signs
  const key = fromBase64(rest.join('+'))
  if (name === undefined || !validName(name) || keyId?.length !== 4 || key === undefined || key.length === 0)
    return refused('malformed-key')
  if (!equalBytes(keyIdOf(name, { key, sha256 }), keyId)) return refused('key-id-differs')
  if (key[0] !== ED25519) return refused('unknown-key-type')
  if (key.length !== 33) return refused('malformed-key')
  return ok({ name, keyId, publicKey: key.slice(1) })
}

export function formatVerifierKey(
  name: string,
  { publicKey, sha256 }: { readonly publicKey: Uint8Array; readonly sha256: Sha256 },
): string {
  if (!validName(name)) throw new RangeError('a key name is not empty and has no space and no plus')
  const key = concat(Uint8Array.of(ED25519), publicKey)
  return `${name}+${toHex(keyIdOf(name, { key, sha256 }))}+${toBase64(key)}`
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: Uint8Array
  readonly signature: Uint8Array
}

export interface Note {
  /** ends in a line feed; what is signed */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export type NoteRefusal = 'malformed-note' | 'bad-signature' | 'no-known-signature'

/** Splits at the last blank line; the text may have blank lines of its own. */
export function parseNote(note: string): Result<Note, NoteRefusal> {
  // The format forbids exactly these.
  if (note.length > MAX_NOTE || /[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}|\uFFFD/u.test(note)) return refused('malformed-note')
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const lines = note.slice(split + 2)
  if (split < 0 || lines === '' || !lines.endsWith('\n')) return refused('malformed-note')
  const signatures = lines.slice(0, -1).split('\n').map(signatureOf)
  if (signatures.length > MAX_SIGNATURES) return refused('malformed-note')
  const whole = signatures.flatMap((signature) => (signature === undefined ? [] : [signature]))
  return whole.length === signatures.length ? ok({ text, signatures: whole }) : refused('malformed-note')
}

function signatureOf(line: string): NoteSignature | undefined {
  const match = /^\u2014 (\S+) (\S+)$/u.exec(line)
  const bytes = fromBase64(match?.[2] ?? '')
  const name = match?.[1]
  if (name === undefined || !validName(name) || bytes === undefined || bytes.length < 5) return undefined
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
}

export const formatSignature = ({ name, keyId, signature }: NoteSignature): string =>
  `\u2014 ${name} ${toBase64(concat(keyId, signature))}\n`

export const formatNote = ({ text, signatures }: Note): string => `${text}\n${signatures.map(formatSignature).join('')}`

export interface VerifiedNote {
  readonly text: string
  readonly verified: readonly NoteSignature[]
  /** by keys that nobody gave */
  readonly unverified: readonly NoteSignature[]
}

/**
 * Signatures of unknown keys are ignored. One of a known key that fails rejects the note: somebody changed it. Without any
 * good signature of a known key nothing is proven.
 */
export function openNote(
  note: string,
  { keys, crypto }: { readonly keys: readonly VerifierKey[]; readonly crypto: Crypto },
): Result<VerifiedNote, NoteRefusal> {
  const parsed = parseNote(note)
  if (!parsed.ok) return parsed
  const { text, signatures } = parsed.value
  const verified = new Map<string, NoteSignature>()
  const unverified = new Map<string, NoteSignature>()
  for (const signature of signatures) {
    const id = `${signature.name}+${toHex(signature.keyId)}`
    const key = keys.find(({ name, keyId }) => name === signature.name && equalBytes(keyId, signature.keyId))
    if (key === undefined) unverified.set(`${id}+${toHex(signature.signature)}`, signature)
    else if (!verified.has(id)) {
      const good = signature.signature.length === 64 && crypto.verifyEd25519(key.publicKey, utf8(text), signature.signature)
      if (!good) return refused('bad-signature')
      verified.set(id, signature)
    }
  }
  if (verified.size === 0) return refused('no-known-signature')
  return ok({ text, verified: [...verified.values()], unverified: [...unverified.values()] })
}
