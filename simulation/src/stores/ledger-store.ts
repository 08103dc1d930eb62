import type { EntryIdentity } from '@weir/ledger-core'
import { emptyFrontier } from '@weir/ledger-verifier'
import type { Transaction } from '@weir/persistence'
import { identityKey, type Head, type LogWriter, type RecordedEntry } from '../../../services/ledger/app/src/use-cases/ports.js'
import { simulated, Table } from '../engine/sim-transaction.js'

interface HeadRow extends Head {
  readonly checkpoint: string
}

export class LedgerTables {
  readonly head = new Table<HeadRow>()
  /** by identity */
  readonly entries = new Table<RecordedEntry>()
  /** by index, as an index of its own keeps them unique */
  readonly indices = new Table<string>()
  /** told of every append that is committed */
  appended: (entries: readonly RecordedEntry[], head: { readonly size: number; readonly checkpoint: string }) => void = () => undefined
}

export class SimLogStore implements LogWriter {
  constructor(private readonly tables: LedgerTables) {}

  async lockHead(tx: Transaction): Promise<Head> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('head')
    return this.tables.head.get(sim, 'head') ?? { frontier: emptyFrontier, lastT: 0 }
  }

  async already(tx: Transaction, identities: readonly EntryIdentity[]): Promise<ReadonlyMap<string, RecordedEntry>> {
    const sim = simulated(tx)
    await sim.step()
    return new Map(
      identities.flatMap((identity) => {
        const entry = this.tables.entries.get(sim, identityKey(identity))
        return entry === undefined ? [] : [[identityKey(entry), entry] as const]
      }),
    )
  }

  async append(tx: Transaction, { entries, head, checkpoint }: Parameters<LogWriter['append']>[1]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const entry of entries) {
      if (this.tables.indices.get(sim, String(entry.index)) !== undefined) throw new Error(`index ${entry.index} is taken`)
      this.tables.indices.set(sim, String(entry.index), identityKey(entry))
      this.tables.entries.set(sim, identityKey(entry), entry)
    }
    await sim.step()
    this.tables.head.set(sim, 'head', { ...head, checkpoint })
    sim.onCommit(() => this.tables.appended(entries, { size: head.frontier.size, checkpoint }))
  }
}
