import type { Sha256 } from './bytes.js'
import { emptyRoot, nodeHash } from './merkle.js'

/** Root of the complete subtree over leaves [index * 2^level, (index + 1) * 2^level). */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

/** Answers for complete subtrees only; throws for one it does not have. */
export type NodeReader = (level: number, index: number) => Uint8Array

/** A tree's size and its right edge: the roots of its complete subtrees, largest first. Enough to append and to prove. */
export interface Frontier {
  readonly size: number
  readonly edge: readonly Uint8Array[]
}

export const emptyFrontier: Frontier = { size: 0, edge: [] }

interface Span {
  readonly level: number
  readonly index: number
}

/** The complete subtrees that make up a tree of this size, largest first. */
export function edgeSpans(size: number): Span[] {
  const spans: Span[] = []
  for (let start = 0; start < size;) {
    const level = Math.floor(Math.log2(size - start) + 1e-12)
    const exact = 2 ** level <= size - start ? level : level - 1
    spans.push({ level: exact, index: start / 2 ** exact })
    start += 2 ** exact
  }
  return spans
}

/** The nodes that a frontier holds. */
export const frontierNodes = (frontier: Frontier): TreeNode[] =>
  edgeSpans(frontier.size).map((span, at) => {
    const hash = frontier.edge[at]
    if (hash === undefined) throw new RangeError('the edge does not fit the size')
    return { ...span, hash }
  })

/** Appends leaf hashes; answers the new frontier and every subtree that became complete, in the order they did. */
export function appendLeaves(
  frontier: Frontier,
  { leaves, sha256 }: { readonly leaves: readonly Uint8Array[]; readonly sha256: Sha256 },
): { readonly frontier: Frontier; readonly nodes: TreeNode[] } {
  const open = frontierNodes(frontier)
  const nodes: TreeNode[] = []
  let size = frontier.size
  for (const hash of leaves) {
    let node: TreeNode = { level: 0, index: size, hash }
    nodes.push(node)
    while (open.at(-1)?.level === node.level) {
      const left = open.pop()
      if (left === undefined) break
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left.hash, { right: node.hash, sha256 }) }
      nodes.push(node)
    }
    open.push(node)
    size += 1
  }
  return { frontier: { size, edge: open.map(({ hash }) => hash) }, nodes }
}

export function rootOf(frontier: Frontier, sha256: Sha256): Uint8Array {
  const [last, ...rest] = [...frontier.edge].reverse()
  if (last === undefined) return emptyRoot(sha256)
  return rest.reduce((right, left) => nodeHash(left, { right, sha256 }), last)
}

export interface TreeAccess {
  readonly size: number
  readonly node: NodeReader
  readonly sha256: Sha256
}

/** Siblings from the leaf up (RFC 6962 section 2.1.1). */
export function inclusionProof(index: number, tree: TreeAccess): Uint8Array[] {
  if (index < 0 || index >= tree.size) throw new RangeError(`no leaf ${index} in a tree of ${tree.size}`)
  const proof: Uint8Array[] = []
  let [low, high] = [0, tree.size]
  while (high - low > 1) {
    const middle = low + largestPowerBelow(high - low)
    if (index < middle) {
      proof.push(rangeRoot({ low: middle, high }, tree))
      high = middle
    } else {
      proof.push(rangeRoot({ low, high: middle }, tree))
      low = middle
    }
  }
  return proof.reverse()
}

/** That the tree of `oldSize` leaves is a prefix of this one (RFC 6962 section 2.1.2). */
export function consistencyProof(oldSize: number, tree: TreeAccess): Uint8Array[] {
  if (oldSize < 1 || oldSize > tree.size) throw new RangeError(`no consistency of ${oldSize} with ${tree.size}`)
  const proof: Uint8Array[] = []
  let [low, high, whole] = [0, tree.size, true]
  while (oldSize < high) {
    const middle = low + largestPowerBelow(high - low)
    if (oldSize <= middle) {
      proof.push(rangeRoot({ low: middle, high }, tree))
      high = middle
    } else {
      proof.push(rangeRoot({ low, high: middle }, tree))
      low = middle
      whole = false
    }
  }
  if (!whole) proof.push(rangeRoot({ low, high }, tree))
  return proof.reverse()
}

function rangeRoot({ low, high }: { readonly low: number; readonly high: number }, tree: TreeAccess): Uint8Array {
  const width = high - low
  const level = Math.round(Math.log2(width))
  if (2 ** level === width && low % width === 0) return tree.node(level, low / width)
  const middle = low + largestPowerBelow(width)
  const right = rangeRoot({ low: middle, high }, tree)
  return nodeHash(rangeRoot({ low, high: middle }, tree), { right, sha256: tree.sha256 })
}

function largestPowerBelow(width: number): number {
  let power = 1
  while (power * 2 < width) power *= 2
  return power
}
