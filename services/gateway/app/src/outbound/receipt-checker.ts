import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto'
import type { CanonicalRequest, DecisionSections } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
import {
  openCheckpoint,
  parseVerifierKey,
  sectionDigest,
  verifyReceiptUnder,
  type Checkpoint,
  type Crypto,
  type VerifierKey,
} from '@weir/ledger-verifier'
import type { ReceiptChecker } from '../use-cases/ports.js'

/** By way of text, which takes Node a third of the time that bytes take. */
export const sha256 = (bytes: Uint8Array): Uint8Array => Buffer.from(hash('sha256', bytes, 'binary'), 'binary')

const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

const publicKeyOf = (bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([ed25519Prefix, bytes]), format: 'der', type: 'spki' })

const disclosureDigest = (text: string): string => hash('sha256', Buffer.from(text).toString('base64url'), 'base64url')

const hashing = { sha256, canonicalJson, disclosureDigest }

export const outcomeDigest = (section: DecisionSections['outcome']): string => sectionDigest('outcome', section, hashing)

/** undefined: the section states the digest of another request */
export function requestDigest(section: DecisionSections['request'], request: CanonicalRequest): string | undefined {
  const stated = hash('sha256', canonicalJson(request))
  return section.value.digest === stated ? sectionDigest('request', section, hashing) : undefined
}

/** Receipts of one batch share a checkpoint; those of several batches are on their way at a time. */
const REMEMBERED = 64

/** Checks receipts against the pinned key of the ledger. */
export class PinnedReceiptChecker implements ReceiptChecker {
  readonly #key: VerifierKey
  readonly #crypto: Crypto
  /** by their text, the oldest first: only ones whose signature was good */
  readonly #checkpoints = new Map<string, Checkpoint>()

  /** Throws where `vkey` is not a key: under it every receipt would be refused, one by one. */
  constructor(vkey: string) {
    const key = parseVerifierKey(vkey, sha256)
    if (!key.ok) throw new TypeError(`WEIR_GATEWAY_LEDGER_VKEY is not a signed-note key: ${key.refusal}`)
    this.#key = key.value
    const pinned = publicKeyOf(key.value.publicKey)
    this.#crypto = { sha256, verifyEd25519: (_key, message, signature) => verify(null, message, pinned, signature) }
  }

  check(record: {
    readonly entry: string
    readonly receipt: string
  }): { readonly ok: true } | { readonly ok: false; readonly why: string } {
    const claim = { receipt: record.receipt, entry: Buffer.from(record.entry, 'utf8') }
    const checked = verifyReceiptUnder(claim, { sha256, open: (note) => this.#open(note) })
    return checked.ok ? { ok: true } : { ok: false, why: checked.refusal }
  }

  #open(note: string): ReturnType<typeof openCheckpoint> {
    const known = this.#checkpoints.get(note)
    if (known !== undefined) return { ok: true, value: known }
    const opened = openCheckpoint(note, this.#key, this.#crypto)
    if (!opened.ok) return opened
    const [oldest] = this.#checkpoints.keys()
    if (oldest !== undefined && this.#checkpoints.size >= REMEMBERED) this.#checkpoints.delete(oldest)
    this.#checkpoints.set(note, opened.value)
    return opened
  }
}
