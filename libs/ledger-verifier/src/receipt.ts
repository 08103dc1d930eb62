import { parseCheckpoint, type Checkpoint, type CheckpointRefusal } from './checkpoint.js'
import { leafHash, verifyInclusion, type ProofRefusal } from './merkle.js'
import { ok, refused, type Result } from './result.js'
import { openNote, parseVerifierKey, type Crypto, type KeyRefusal, type NoteRefusal } from './signed-note.js'
import { parseTlogProof, type TlogProofRefusal } from './tlog-proof.js'

export interface ReceiptClaim {
  /** c2sp.org/tlog-proof@v1 */
  readonly receipt: string
  /** the exact leaf */
  readonly entry: Uint8Array
  /** the log's key, got by another way than the receipt */
  readonly vkey: string
}

export interface ProvenEntry {
  readonly index: number
  readonly checkpoint: Checkpoint
}

export type ReceiptRefusal = TlogProofRefusal | KeyRefusal | NoteRefusal | CheckpointRefusal | ProofRefusal | 'origin-differs'

/** That exactly this entry is in the log of exactly this key. */
export function verifyReceipt(claim: ReceiptClaim, crypto: Crypto): Result<ProvenEntry, ReceiptRefusal> {
  const key = parseVerifierKey(claim.vkey, crypto.sha256)
  if (!key.ok) return key
  const proof = parseTlogProof(claim.receipt)
  if (!proof.ok) return proof
  const note = openNote(proof.value.checkpoint, { keys: [key.value], crypto })
  if (!note.ok) return note
  const checkpoint = parseCheckpoint(note.value.text)
  if (!checkpoint.ok) return checkpoint
  // Danger: one key may sign for several logs; the origin says which.
  if (checkpoint.value.origin !== key.value.name) return refused('origin-differs')
  const { index, hashes } = proof.value
  const { size, root } = checkpoint.value
  const hash = leafHash(claim.entry, crypto.sha256)
  const included = verifyInclusion({ index, size, leafHash: hash, proof: hashes, root }, crypto.sha256)
  return included.ok ? ok({ index, checkpoint: checkpoint.value }) : included
}
