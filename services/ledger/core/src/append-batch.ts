import {
  appendLeaves,
  formatCheckpoint,
  frontierNodes,
  inclusionProof,
  leafHash,
  rootOf,
  toHex,
  utf8,
  type Frontier,
  type Sha256,
  type TreeNode,
} from '@weir/ledger-verifier'

export interface Appended {
  readonly frontier: Frontier
  /** subtrees that became complete, leaves among them */
  readonly nodes: readonly TreeNode[]
  /** to be signed */
  readonly checkpointText: string
  readonly entries: readonly {
    readonly index: number
    readonly entry: string
    readonly leafHash: string
    readonly proof: readonly Uint8Array[]
  }[]
}

interface Batch {
  readonly entries: readonly string[]
  readonly origin: string
  readonly sha256: Sha256
}

/** Appends entries with dense indices and proves each of them under the new head. */
export function appendBatch(head: Frontier, { entries, origin, sha256 }: Batch): Appended {
  const leaves = entries.map((entry) => leafHash(utf8(entry), sha256))
  const { frontier, nodes } = appendLeaves(head, { leaves, sha256 })
  const known = new Map([...frontierNodes(head), ...nodes].map((node) => [`${node.level}/${node.index}`, node.hash]))
  const node = (level: number, index: number): Uint8Array => {
    const hash = known.get(`${level}/${index}`)
    if (hash === undefined) throw new RangeError(`the proof wants subtree ${level}/${index}, which is neither new nor on the edge`)
    return hash
  }
  const tree = { size: frontier.size, node, sha256 }
  return {
    frontier,
    nodes,
    checkpointText: formatCheckpoint({ origin, size: frontier.size, root: rootOf(frontier, sha256), extensions: [] }),
    entries: entries.map((entry, at) => {
      const index = head.size + at
      return { index, entry, leafHash: toHex(leaves[at] ?? new Uint8Array(0)), proof: inclusionProof(index, tree) }
    }),
  }
}
