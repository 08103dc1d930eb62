import { parseCheckpoint, type Checkpoint, type CheckpointRefusal } from './checkpoint.js'
import type { Sha256 } from './bytes.js'
import { leafHash, verifyInclusion, type ProofRefusal } from './merkle.js'
import { ok, refused, type Result } from './result.js'
import { openNote, parseVerifierKey, type Crypto, type KeyRefusal, type NoteRefusal, type VerifierKey } from './signed-note.js'
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

export type CheckpointNoteRefusal = NoteRefusal | CheckpointRefusal | 'origin-differs'
export type ReceiptRefusal = TlogProofRefusal | KeyRefusal | CheckpointNoteRefusal | ProofRefusal

/** That exactly this entry is in the log of exactly this key. */
export function verifyReceipt(claim: ReceiptClaim, crypto: Crypto): Result<ProvenEntry, ReceiptRefusal> {
  const key = parseVerifierKey(claim.vkey, crypto.sha256)
  if (!key.ok) return key
  return verifyReceiptUnder(claim, { sha256: crypto.sha256, open: (note) => openCheckpoint(note, key.value, crypto) })
}

/** A checkpoint as it was signed for the log of this key. */
export function openCheckpoint(note: string, key: VerifierKey, crypto: Crypto): Result<Checkpoint, CheckpointNoteRefusal> {
  const opened = openNote(note, { keys: [key], crypto })
  if (!opened.ok) return opened
  const checkpoint = parseCheckpoint(opened.value.text)
  if (!checkpoint.ok) return checkpoint
  // Danger: one key may sign for several logs; the origin says which.
  return checkpoint.value.origin === key.name ? checkpoint : refused('origin-differs')
}

interface Opening {
  readonly sha256: Sha256
  /** `openCheckpoint`; whoever sees many receipts of few checkpoints may remember the ones that were good */
  readonly open: (note: string) => Result<Checkpoint, CheckpointNoteRefusal>
}

/** `verifyReceipt` for whoever opens the checkpoint. */
export function verifyReceiptUnder(
  claim: Omit<ReceiptClaim, 'vkey'>,
  { sha256, open }: Opening,
): Result<ProvenEntry, TlogProofRefusal | CheckpointNoteRefusal | ProofRefusal> {
  const proof = parseTlogProof(claim.receipt)
  if (!proof.ok) return proof
  const checkpoint = open(proof.value.checkpoint)
  if (!checkpoint.ok) return checkpoint
  const { index, hashes } = proof.value
  const { size, root } = checkpoint.value
  const hash = leafHash(claim.entry, sha256)
  const included = verifyInclusion({ index, size, leafHash: hash, proof: hashes, root }, sha256)
  return included.ok ? ok({ index, checkpoint: checkpoint.value }) : included
}
