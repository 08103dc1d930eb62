import { createHash, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import {
  appendLeaves,
  emptyFrontier,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  leafHash,
  parseVerifierKey,
  rootOf,
  utf8,
  type Crypto,
  type TreeNode,
} from '@weir/ledger-verifier'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const prefix = Buffer.from('302a300506032b6570032100', 'hex')
/** SHA-256 and Ed25519 as Node has them. */
export const sampleCrypto: Crypto = {
  sha256,
  verifyEd25519: (key, message, signature) =>
    verify(null, message, createPublicKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'spki' }), signature),
}

/** A log with a key of its own, small enough to hold in memory. */
export class SampleLog {
  readonly vkey: string
  readonly entries: { readonly leaf: string; readonly receipt: string; readonly treeSize: number }[] = []
  readonly #key: KeyObject
  readonly #nodes = new Map<string, Uint8Array>()
  #frontier = emptyFrontier

  constructor(readonly origin = 'weir.test/ledger') {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    this.#key = privateKey
    const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
    this.vkey = formatVerifierKey(origin, { publicKey: raw, sha256 })
  }

  checkpoint(): string {
    const text = formatCheckpoint({ origin: this.origin, size: this.#frontier.size, root: rootOf(this.#frontier, sha256), extensions: [] })
    return this.sign(text)
  }

  sign(text: string): string {
    const key = parseVerifierKey(this.vkey, sha256)
    if (!key.ok) throw new Error(key.refusal)
    return formatNote({ text, signatures: [{ name: this.origin, keyId: key.value.keyId, signature: sign(null, utf8(text), this.#key) }] })
  }

  /** One batch: its entries share a checkpoint. Answers the index of the first. */
  append(leaves: readonly string[]): number {
    const first = this.#frontier.size
    const { frontier, nodes } = appendLeaves(this.#frontier, { leaves: leaves.map((leaf) => leafHash(utf8(leaf), sha256)), sha256 })
    this.#frontier = frontier
    for (const node of nodes) this.#nodes.set(nameOf(node), node.hash)
    const checkpoint = this.checkpoint()
    const tree = { size: frontier.size, node: (level: number, index: number) => this.#node(level, index), sha256 }
    for (const [n, leaf] of leaves.entries()) {
      const receipt = formatTlogProof({ index: first + n, hashes: inclusionProof(first + n, tree), checkpoint })
      this.entries.push({ leaf, receipt, treeSize: frontier.size })
    }
    return first
  }

  #node(level: number, index: number): Uint8Array {
    const hash = this.#nodes.get(nameOf({ level, index }))
    if (hash === undefined) throw new Error(`no node ${level}/${index}`)
    return hash
  }
}

const nameOf = ({ level, index }: Pick<TreeNode, 'level' | 'index'>): string => `${level}/${index}`
