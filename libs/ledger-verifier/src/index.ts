export { concat, equalBytes, fromBase64, fromHex, toBase64, toBase64Url, toHex, utf8, type Sha256 } from './bytes.js'
export { formatCheckpoint, parseCheckpoint, type Checkpoint, type CheckpointRefusal } from './checkpoint.js'
export {
  emptyRoot,
  HASH_BYTES,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
  type Consistency,
  type Inclusion,
  type ProofRefusal,
} from './merkle.js'
export {
  openCheckpoint,
  verifyReceipt,
  verifyReceiptUnder,
  type CheckpointNoteRefusal,
  type ProvenEntry,
  type ReceiptClaim,
  type ReceiptRefusal,
} from './receipt.js'
export { sectionDigest, type DisclosedSection, type SectionHashing } from './section-digest.js'
export {
  formatNote,
  formatSignature,
  formatVerifierKey,
  openNote,
  parseNote,
  parseVerifierKey,
  type Crypto,
  type KeyRefusal,
  type Note,
  type NoteRefusal,
  type NoteSignature,
  type VerifiedNote,
  type VerifierKey,
  type VerifyEd25519,
} from './signed-note.js'
export {
  entriesPath,
  entriesPathOf,
  formatTileIndex,
  parseTileIndex,
  parseTileLevel,
  partialWidth,
  TILE_WIDTH,
  tilePath,
  type TilePosition,
} from './tile-path.js'
export { formatTlogProof, parseTlogProof, type TlogProof, type TlogProofRefusal } from './tlog-proof.js'
export {
  appendLeaves,
  consistencyProof,
  edgeSpans,
  emptyFrontier,
  frontierNodes,
  inclusionProof,
  rootOf,
  type Frontier,
  type NodeReader,
  type TreeAccess,
  type TreeNode,
} from './tree.js'
