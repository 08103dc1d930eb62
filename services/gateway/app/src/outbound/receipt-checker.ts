import { createHash, createPublicKey, verify } from 'node:crypto'
import type { CanonicalRequest, DecisionSections } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
import { parseVerifierKey, sectionDigest, verifyReceipt } from '@weir/ledger-verifier'
import type { ReceiptChecker } from '../use-cases/ports.js'

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([ed25519Prefix, publicKey]), format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}

const hashing = { sha256, canonicalJson }

export const outcomeDigest = (section: DecisionSections['outcome']): string => sectionDigest('outcome', section, hashing)

/** undefined: the section states the digest of another request */
export function requestDigest(section: DecisionSections['request'], request: CanonicalRequest): string | undefined {
  const stated = createHash('sha256').update(canonicalJson(request)).digest('hex')
  return section.value.digest === stated ? sectionDigest('request', section, hashing) : undefined
}

/** Checks receipts against the pinned key of the ledger. */
export class PinnedReceiptChecker implements ReceiptChecker {
  /** Throws where `vkey` is not a key: under it every receipt would be refused, one by one. */
  constructor(private readonly vkey: string) {
    const key = parseVerifierKey(vkey, sha256)
    if (!key.ok) throw new TypeError(`WEIR_GATEWAY_LEDGER_VKEY is not a signed-note key: ${key.refusal}`)
  }

  check(record: {
    readonly entry: string
    readonly receipt: string
  }): { readonly ok: true } | { readonly ok: false; readonly why: string } {
    const checked = verifyReceipt({ ...record, entry: Buffer.from(record.entry, 'utf8'), vkey: this.vkey }, { sha256, verifyEd25519 })
    return checked.ok ? { ok: true } : { ok: false, why: checked.refusal }
  }
}
