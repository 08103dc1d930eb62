import { ok, refused, type Result } from './result.js'
import { concat, equalBytes, type Sha256 } from './bytes.js'

/** RFC 6962 section 2.1; RFC 9162 keeps the same tree. Sizes and indices up to 2^53 - 1. */
export const HASH_BYTES = 32

export type ProofRefusal = 'index-out-of-range' | 'size-out-of-range' | 'hash-length' | 'proof-length' | 'root-differs' | 'empty-old-tree'

export const leafHash = (data: Uint8Array, sha256: Sha256): Uint8Array => sha256(concat(Uint8Array.of(0), data))

/** What every node is hashed from, one after the other: memory for it costs more than the rest of the work. */
const node = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES))

/**
 * Danger: without the prefix a leaf could be passed off as a node.
 * Contract: `sha256` neither keeps nor changes what it is given.
 */
export function nodeHash(left: Uint8Array, { right, sha256 }: { readonly right: Uint8Array; readonly sha256: Sha256 }): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return sha256(concat(Uint8Array.of(1), left, right))
  node.set(left, 1)
  node.set(right, 1 + HASH_BYTES)
  return sha256(node)
}

export const emptyRoot = (sha256: Sha256): Uint8Array => sha256(new Uint8Array(0))

export interface Inclusion {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  /** sibling first */
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** Every input is the prover's; nothing in it is trusted, not even its length. */
export function verifyInclusion(claim: Inclusion, sha256: Sha256): Result<true, ProofRefusal> {
  const { index, size, proof } = claim
  if (!isSize(size)) return refused('size-out-of-range')
  if (!isSize(index) || index >= size) return refused('index-out-of-range')
  if ([claim.leafHash, claim.root, ...proof].some((hash) => hash.length !== HASH_BYTES)) return refused('hash-length')
  const { inner, border } = shape(index, size)
  if (proof.length !== inner + border) return refused('proof-length')
  const path = fold({ seed: claim.leafHash, position: index, hashes: proof, inner }, sha256)
  return equalBytes(path, claim.root) ? ok(true) : refused('root-differs')
}

export interface Consistency {
  readonly oldSize: number
  readonly newSize: number
  readonly oldRoot: Uint8Array
  readonly newRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** That the new tree only appended to the old one. An empty old tree proves nothing and is refused. */
export function verifyConsistency(claim: Consistency, sha256: Sha256): Result<true, ProofRefusal> {
  const { oldSize, newSize, oldRoot, newRoot, proof } = claim
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return refused('size-out-of-range')
  if (oldSize === 0) return refused('empty-old-tree')
  if (oldSize === newSize) {
    if (proof.length > 0) return refused('proof-length')
    return equalBytes(oldRoot, newRoot) ? ok(true) : refused('root-differs')
  }
  if ([oldRoot, newRoot, ...proof].some((hash) => hash.length !== HASH_BYTES)) return refused('hash-length')
  return verifyGrowth(claim, sha256)
}

function verifyGrowth({ oldSize, newSize, oldRoot, newRoot, proof }: Consistency, sha256: Sha256): Result<true, ProofRefusal> {
  const last = oldSize - 1
  const shared = trailingZeros(oldSize)
  const whole = shape(last, newSize)
  const inner = whole.inner - shared
  const isPowerOfTwo = oldSize === 2 ** shared
  if (proof.length !== inner + whole.border + (isPowerOfTwo ? 0 : 1)) return refused('proof-length')
  const seed = isPowerOfTwo ? oldRoot : proof[0]
  if (seed === undefined) return refused('proof-length')
  const hashes = isPowerOfTwo ? proof : proof.slice(1)
  const position = halved(last, shared)
  const older = fold({ seed, position, hashes: leftOnly(hashes, { position, inner }), inner: 0 }, sha256)
  const newer = fold({ seed, position, hashes, inner }, sha256)
  return equalBytes(older, oldRoot) && equalBytes(newer, newRoot) ? ok(true) : refused('root-differs')
}

/** Of the inner part, only what lies to the left was in the old tree; the border lies to the left altogether. */
function leftOnly(hashes: readonly Uint8Array[], at: { readonly position: number; readonly inner: number }): Uint8Array[] {
  return hashes.filter((_, level) => level >= at.inner || isOdd(halved(at.position, level)))
}

interface Fold {
  readonly seed: Uint8Array
  readonly position: number
  readonly hashes: readonly Uint8Array[]
  /** so many hashes may lie on either side; the rest lie to the left */
  readonly inner: number
}

function fold({ seed, position, hashes, inner }: Fold, sha256: Sha256): Uint8Array {
  let path = seed
  let at = position
  for (const [level, hash] of hashes.entries()) {
    const onTheRight = level < inner && !isOdd(at)
    path = onTheRight ? nodeHash(path, { right: hash, sha256 }) : nodeHash(hash, { right: path, sha256 })
    at = halved(at, 1)
  }
  return path
}

/** Where the path to a leaf leaves the right edge of the tree: `inner` levels below, `border` siblings above. */
function shape(index: number, size: number): { readonly inner: number; readonly border: number } {
  let [path, last, inner] = [index, size - 1, 0]
  while (path !== last) {
    path = halved(path, 1)
    last = halved(last, 1)
    inner++
  }
  let border = 0
  for (; path > 0; path = halved(path, 1)) if (isOdd(path)) border++
  return { inner, border }
}

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0

/** Operators on bits see 32 of them; indices have 53. */
const halved = (value: number, times: number): number => Math.floor(value / 2 ** times)
const isOdd = (value: number): boolean => value % 2 === 1

function trailingZeros(value: number): number {
  let zeros = 0
  for (let left = value; left > 0 && !isOdd(left); left = halved(left, 1)) zeros++
  return zeros
}
