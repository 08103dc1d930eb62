import type { Outgoing } from './topics.js'
import { Table, type SimTransaction } from './sim-transaction.js'

export interface Pending {
  readonly entries: readonly Outgoing[]
  state: 'uncommitted' | 'committed' | 'in-doubt'
}

/** Rows that wait to be published; they go when it is noted that they are. */
export class OutboxRows {
  readonly rows = new Table<Outgoing & { readonly writtenAt: number }>()
  #last = 0

  save(tx: SimTransaction, of: { readonly events: readonly Omit<Outgoing, 'seq'>[]; readonly now: number }): Outgoing[] {
    return of.events.map((event) => {
      const row = { ...event, seq: ++this.#last, writtenAt: of.now }
      this.rows.set(tx, String(row.seq), row)
      return row
    })
  }
}

/** What a process remembers of its outbox; a crash forgets all of it. */
export class Relay {
  pending: Pending[] = []
  published: number[] = []
  /** somebody publishes: one at a time keeps the order per key */
  busy = false

  remember(entries: readonly Outgoing[]): Pending {
    const pending: Pending = { entries, state: 'uncommitted' }
    this.pending.push(pending)
    return pending
  }

  /** What has ended, in order, without those whose key an earlier one that may still commit holds. */
  publishable(): Pending[] {
    const taken: Pending[] = []
    const held = new Set<string>()
    for (const pending of this.pending) {
      const waits = pending.state === 'uncommitted' || pending.entries.some(({ key }) => held.has(key))
      if (waits) for (const { key } of pending.entries) held.add(key)
      else taken.push(pending)
    }
    return taken
  }

  forget(taken: readonly Pending[]): void {
    const gone = new Set(taken)
    this.pending = this.pending.filter((pending) => !gone.has(pending))
  }

  /** Numbers of rows that a sweep leaves to this process itself. */
  get own(): ReadonlySet<number> {
    return new Set([...this.pending.flatMap(({ entries }) => entries.map(({ seq }) => seq)), ...this.published])
  }
}
