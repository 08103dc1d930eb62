import { isTransient, type Database, type Transaction } from '@weir/persistence'
import type { Logger } from 'pino'
import type { EncodedEvent } from './event-codec.js'
import type { OutgoingMessage, Transport } from './transport.js'

interface OutboxEntry {
  readonly seq: bigint
  readonly message: OutgoingMessage
}

/** One transaction's entries, registered in the order of their sequence numbers and before their commit is known. */
interface Pending {
  readonly entries: readonly OutboxEntry[]
  state: 'uncommitted' | 'committed' | 'gone'
}

interface OutboxParts {
  readonly database: Database
  readonly transport: Transport
  readonly logger: Logger
  onPublished(count: number, seconds: number): void
}

const PUBLISH_AT_ONCE = 500
/** An orphan is an unpublished row of no transaction of this process; younger rows may be another process's at work. */
const ORPHAN_AFTER_SECONDS = 10
const KEEP_HOURS = 24

/**
 * Events leave in commit order: sequence numbers are taken under the lock of the one stream row, which is held until the
 * commit, and the relay publishes only a committed prefix, one publish in flight. Rows are kept for a day after that.
 */
export class Outbox {
  private readonly pending: Pending[] = []
  private published: bigint[] = []
  private relaying: Promise<void> | undefined
  private orphans = 0
  private stopped = false

  constructor(private readonly parts: OutboxParts) {}

  depth(): number {
    return this.orphans + this.pending.reduce((sum, { entries }) => sum + entries.length, 0)
  }

  /** Last statement before the commit: everything after it holds the stream's lock. */
  async save(tx: Transaction, events: readonly EncodedEvent[]): Promise<Pending | undefined> {
    if (events.length === 0) return undefined
    const [row] = await tx.query<{ base: string }>(
      `with stream as (update outbox_stream set seq = seq + $1 returning seq - $1 as base),
       saved as (
         insert into outbox (seq, event_id, topic, key, headers, value)
         select stream.base + e.n, e.id, e.topic, e.key, e.headers::jsonb, e.value
         from stream, unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality as e (id, topic, key, headers, value, n))
       select base from stream`,
      [
        events.length,
        events.map((event) => event.id),
        events.map((event) => event.topic),
        events.map((event) => event.key),
        events.map((event) => JSON.stringify(event.headers)),
        events.map((event) => event.value),
      ],
    )
    const base = BigInt(row?.base ?? 0)
    const pending: Pending = { state: 'uncommitted', entries: events.map((message, n) => ({ seq: base + BigInt(n) + 1n, message })) }
    this.pending.push(pending)
    return pending
  }

  committed(pending: Pending | undefined): void {
    if (pending === undefined) return
    pending.state = 'committed'
    this.relay()
  }

  /** Rolled back, or nobody knows: then the rows, if they are there, are orphans that the sweeper finds. */
  abandoned(pending: Pending | undefined): void {
    if (pending === undefined) return
    pending.state = 'gone'
    this.relay()
  }

  private relay(): void {
    this.relaying ??= this.publishPending().finally(() => {
      this.relaying = undefined
      if (this.ready()) this.relay()
    })
  }

  private ready(): boolean {
    return !this.stopped && this.pending[0] !== undefined && this.pending[0].state !== 'uncommitted'
  }

  private async publishPending(): Promise<void> {
    for (let waitMs = 0; this.ready();) {
      const taken = this.committedPrefix()
      const entries = taken.flatMap(({ state, entries }) => (state === 'committed' ? entries : []))
      try {
        await this.publish(entries)
        this.pending.splice(0, taken.length)
        waitMs = 0
      } catch (error) {
        waitMs = Math.min(Math.max(50, waitMs * 2), 5_000)
        this.parts.logger.warn({ err: error, waitMs, depth: this.depth() }, 'events were not published; they stay in the outbox')
        await new Promise((done) => setTimeout(done, waitMs))
      }
    }
  }

  private committedPrefix(): Pending[] {
    const taken: Pending[] = []
    let size = 0
    for (const pending of this.pending) {
      if (pending.state === 'uncommitted' || (size > 0 && size + pending.entries.length > PUBLISH_AT_ONCE)) break
      taken.push(pending)
      size += pending.entries.length
    }
    return taken
  }

  private async publish(entries: readonly OutboxEntry[]): Promise<void> {
    if (entries.length === 0) return
    const start = performance.now()
    await this.parts.transport.publish(entries.map(({ message }) => message))
    this.parts.onPublished(entries.length, (performance.now() - start) / 1000)
    this.published.push(...entries.map(({ seq }) => seq))
  }

  /** Marks what was published; lazily, because a row that is published twice does no harm. */
  async markPublished(): Promise<void> {
    const seqs = this.published
    if (seqs.length === 0) return
    this.published = []
    try {
      await this.parts.database.query('update outbox set published_at = now() where seq = any($1::bigint[])', [seqs.map(String)])
    } catch (error) {
      this.published.unshift(...seqs)
      if (!isTransient(error)) throw error
    }
  }

  /** Publishes what a crash left behind. `all`: before consuming starts, when every unpublished row is an orphan. */
  async sweep(options: { readonly all: boolean }): Promise<void> {
    await this.markPublished()
    for (;;) {
      const held = [...this.pending.flatMap(({ entries }) => entries.map(({ seq }) => String(seq))), ...this.published.map(String)]
      const rows = await this.parts.database.query<{
        seq: string
        topic: string
        key: string
        headers: Record<string, string>
        value: string
      }>(
        `select seq, topic, key, headers, value from outbox
         where published_at is null and ($1 or created_at < now() - make_interval(secs => $2)) and seq <> all($3::bigint[])
         order by seq limit ${PUBLISH_AT_ONCE}`,
        [options.all, ORPHAN_AFTER_SECONDS, held],
      )
      this.orphans = rows.length
      if (rows.length === 0) return
      this.parts.logger.info({ events: rows.length }, 'publishing events that were left behind')
      await this.publish(rows.map(({ seq, ...message }) => ({ seq: BigInt(seq), message })))
      await this.markPublished()
      this.orphans = 0
    }
  }

  async discardOld(): Promise<void> {
    await this.parts.database.query(`delete from outbox where published_at < now() - interval '${KEEP_HOURS} hours'`)
    await this.parts.database.query(`delete from inbox where seen_at < now() - interval '8 days'`)
  }

  /** Waits until everything committed is out, at most `withinMs`; what is left is published at the next start. */
  async drain(withinMs: number): Promise<void> {
    const end = performance.now() + withinMs
    while (this.depth() > this.orphans && performance.now() < end) await (this.relaying ?? new Promise((done) => setTimeout(done, 5)))
    this.stopped = true
    await this.markPublished()
  }
}

export type { Pending }
