import { createHash, createPublicKey, verify } from 'node:crypto'
import { verifyReceipt } from '@weir/ledger-verifier'

export type Verified =
  { readonly ok: true; readonly index: number; readonly logSize: number } | { readonly ok: false; readonly why: string }

const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

const crypto = {
  sha256: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest(),
  verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const key = createPublicKey({ key: Buffer.concat([ed25519Prefix, publicKey]), format: 'der', type: 'spki' })
    return verify(null, message, key, signature)
  },
}

/** Checks on this side that the entry is in the log of this key; nothing is asked of a server. */
export function verifyAnswer(proof: { readonly receipt: string; readonly entry: string; readonly vkey: string }): Verified {
  const checked = verifyReceipt({ ...proof, entry: Buffer.from(proof.entry, 'utf8') }, crypto)
  if (!checked.ok) return { ok: false, why: checked.refusal }
  return { ok: true, index: checked.value.index, logSize: Number(checked.value.checkpoint.size) }
}
