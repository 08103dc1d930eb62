import type { EntryIdentity } from '@weir/ledger-core'
import type { Frontier, TreeNode } from '@weir/ledger-verifier'
import type { Transaction } from '@weir/persistence'

export interface Head {
  readonly frontier: Frontier
  /** time of the last entry, milliseconds since 1970 */
  readonly lastT: number
}

export interface RecordedEntry extends EntryIdentity {
  readonly index: number
  readonly leaf: string
  readonly receipt: string
  readonly treeSize: number
  readonly recordedAt: string
}

export const identityKey = ({ kind, subject, revision }: EntryIdentity): string => `${kind}\n${subject}\n${revision}`

/** Contract: every method runs inside the given transaction and never outside it. */
export interface LogWriter {
  /** Mutual exclusion of all writers until the transaction ends: indices stay dense and no two heads share a size. */
  lockHead(tx: Transaction): Promise<Head>
  /** What the log holds of these, by identityKey. */
  already(tx: Transaction, identities: readonly EntryIdentity[]): Promise<ReadonlyMap<string, RecordedEntry>>
  append(
    tx: Transaction,
    batch: {
      readonly entries: readonly RecordedEntry[]
      readonly nodes: readonly TreeNode[]
      readonly head: Head
      readonly checkpoint: string
    },
  ): Promise<void>
}

/** What anybody may read of the log: what was committed. */
export interface LogReading {
  /** Empty while nothing is recorded. */
  checkpoint(): Promise<{ readonly note: string; readonly size: number }>
  /** Hashes of a tile: level is the tile's, so eight tree levels each. */
  hashes(tile: { readonly level: number; readonly from: number; readonly count: number }): Promise<Buffer[]>
  /** Roots of complete subtrees, in the order asked for. */
  nodes(spans: readonly { readonly level: number; readonly index: number }[]): Promise<Buffer[]>
  leaves(range: { readonly from: number; readonly count: number }): Promise<RecordedEntry[]>
}
