import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { DecisionMade, EntryRecorded } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
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
  sectionDigest,
  utf8,
} from '@weir/ledger-verifier'
import { sha256 } from '../src/outbound/receipt-checker.js'

const NAME = 'ledger.test.example'

/** A log of its own with a key of its own: signs real receipts, for what was decided and for what was not. */
export class TestLedger {
  readonly vkey: string
  private readonly key: KeyObject
  private frontier = emptyFrontier
  private readonly nodes = new Map<string, Uint8Array>()

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    this.key = privateKey
    this.vkey = formatVerifierKey(NAME, { publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32), sha256 })
  }

  record(decision: DecisionMade): EntryRecorded {
    const { requestId, revision } = decision
    const sections = Object.fromEntries(
      Object.entries(decision.sections).map(([name, section]) => [name, sectionDigest(name, section, { sha256, canonicalJson })]),
    )
    const entry = canonicalJson({ v: 1, type: 'decision', t: Date.parse(decision.decidedAt), request: requestId, revision, sections })
    const index = this.append(entry)
    const treeSize = this.frontier.size
    const receipt = this.receipt(index)
    return { kind: 'decision', subjectId: requestId, revision, index, treeSize, entry, receipt, recordedAt: decision.decidedAt }
  }

  private append(entry: string): number {
    const index = this.frontier.size
    const grown = appendLeaves(this.frontier, { leaves: [leafHash(utf8(entry), sha256)], sha256 })
    this.frontier = grown.frontier
    for (const { level, index: at, hash } of grown.nodes) this.nodes.set(`${level}/${at}`, hash)
    return index
  }

  private receipt(index: number): string {
    const { size } = this.frontier
    const node = (level: number, at: number) => {
      const hash = this.nodes.get(`${level}/${at}`)
      if (hash === undefined) throw new RangeError(`no node ${level}/${at}`)
      return hash
    }
    const hashes = inclusionProof(index, { size, node, sha256 })
    const text = formatCheckpoint({ origin: NAME, size, root: rootOf(this.frontier, sha256), extensions: [] })
    const key = parseVerifierKey(this.vkey, sha256)
    if (!key.ok) throw new Error(key.refusal)
    const signature = { name: NAME, keyId: key.value.keyId, signature: sign(null, utf8(text), this.key) }
    return formatTlogProof({ index, hashes, checkpoint: formatNote({ text, signatures: [signature] }) })
  }
}
