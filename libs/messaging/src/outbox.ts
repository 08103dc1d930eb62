import { isTransient, type Database, type Transaction } from '@weir/persistence'
import type { Logger } from 'pino'
import type { EncodedEvent } from './event-codec.js'
import { isTooLarge, OutboxRefusals } from './outbox-refusals.js'
import { passFailpoint, planted } from './test-switch.js'
import type { Tracing } from './tracing.js'
import type { OutgoingMessage, Transport } from './transport.js'

interface OutboxEntry {
  readonly seq: bigint
  readonly id: string
  readonly message: OutgoingMessage
}

interface OutboxRow {
  readonly seq: string
  readonly event_id: string
  readonly topic: string
  readonly key: string
  readonly headers: Record<string, string>
  readonly value: string
}

interface OrphanRow extends OutboxRow {
  readonly age_ms: string
}

/** One transaction's entries, registered before its commit is known. */
interface Pending {
  readonly entries: readonly OutboxEntry[]
  state: 'uncommitted' | 'committed' | 'in-doubt'
  /** when its transaction ended */
  endedAt?: number
}

interface OutboxParts {
  readonly database: Database
  readonly transport: Transport
  readonly logger: Logger
  readonly tracing?: Tracing | undefined
  onPublished(count: number, seconds: number): void
}

const PUBLISH_AT_ONCE = 500
/** An orphan is an unpublished row of no transaction of this process; younger rows may be another process's at work. */
const ORPHAN_AFTER_SECONDS = 10
const KEEP_HOURS = 24

/**
 * Events of one key leave in the order of the transactions that wrote them. Transactions that could disagree about that
 * order share a row lock (the state that they decide on), so the later one takes its sequence numbers after the earlier
 * one's commit; no lock of the outbox is needed, and unrelated commits share a flush. The relay holds back an event while
 * an earlier transaction with the same key may still commit. Rows are kept for a day.
 */
export class Outbox {
  private pending: Pending[] = []
  private published: bigint[] = []
  private relaying: Promise<void> | undefined
  private marking: Promise<void> | undefined
  private turn: Promise<unknown> = Promise.resolve()
  private orphans = 0
  private orphanedAt = 0
  private state: 'closed' | 'open' | 'stopped' = 'closed'

  private readonly refusals: OutboxRefusals

  constructor(private readonly parts: OutboxParts) {
    this.refusals = new OutboxRefusals(parts)
  }

  depth(): number {
    return this.orphans + this.pending.reduce((sum, { entries }) => sum + entries.length, 0)
  }

  /** How long the oldest event has been waiting to be published; 0 where none waits. */
  ageMs(): number {
    const oldest = this.pending.find(({ endedAt }) => endedAt !== undefined)?.endedAt
    const since = this.orphans > 0 ? Math.min(this.orphanedAt, oldest ?? Infinity) : oldest
    return since === undefined ? 0 : Math.max(0, performance.now() - since)
  }

  /** The last statement of a unit before its commit: all its locks are held by now. */
  async save(tx: Transaction, events: readonly EncodedEvent[]): Promise<Pending | undefined> {
    if (events.length === 0) return undefined
    const rows = await tx.query<{ seq: string }>(
      `with saved as (
         insert into outbox (event_id, topic, key, headers, value)
         select e.id, e.topic, e.key, e.headers::jsonb, e.value
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) with ordinality as e (id, topic, key, headers, value, n)
         order by e.n
         returning seq),
       waiting as (insert into outbox_waiting (seq) select seq from saved)
       select seq from saved order by seq`,
      [
        events.map((event) => event.id),
        events.map((event) => event.topic),
        events.map((event) => event.key),
        events.map((event) => JSON.stringify(event.headers)),
        events.map((event) => event.value),
      ],
    )
    const entries = events.map((message, n) => ({ seq: BigInt(rows[n]?.seq ?? -1), id: message.id, message }))
    if (planted('relay-before-commit')) await this.parts.transport.publish(events)
    const pending: Pending = { state: 'uncommitted', entries }
    this.pending.push(pending)
    return pending
  }

  committed(pending: Pending | undefined): void {
    if (pending === undefined) return
    pending.state = 'committed'
    pending.endedAt = performance.now()
    this.relay()
  }

  /** Rolled back, or committed and the answer was lost: the relay asks the database before it publishes anything later. */
  abandoned(pending: Pending | undefined): void {
    if (pending === undefined) return
    pending.state = 'in-doubt'
    pending.endedAt = performance.now()
    this.relay()
  }

  private relay(): void {
    this.relaying ??= this.publishPending().finally(() => {
      this.relaying = undefined
      if (this.ready()) this.relay()
    })
  }

  private ready(): boolean {
    return this.state === 'open' && this.publishable().length > 0
  }

  private async publishPending(): Promise<void> {
    for (let waitMs = 0; this.ready();) {
      const taken = new Set(this.publishable())
      try {
        await this.inTurn(async () => this.publish(await this.committedEntries([...taken])))
        this.pending = this.pending.filter((pending) => !taken.has(pending))
        waitMs = 0
      } catch (error) {
        waitMs = Math.min(Math.max(50, waitMs * 2), 5_000)
        this.parts.logger.warn({ err: error, waitMs, depth: this.depth() }, 'events were not published; they stay in the outbox')
        await new Promise((done) => setTimeout(done, waitMs))
      }
    }
  }

  /** What has ended, in order, without those whose key an earlier one that may still commit holds. */
  private publishable(): Pending[] {
    const taken: Pending[] = []
    const held = new Set<string>()
    let size = 0
    for (const pending of this.pending) {
      const waits = pending.state === 'uncommitted' || pending.entries.some(({ message }) => held.has(message.key))
      if (waits) for (const { message } of pending.entries) held.add(message.key)
      else if (size > 0 && size + pending.entries.length > PUBLISH_AT_ONCE) break
      else {
        taken.push(pending)
        size += pending.entries.length
      }
    }
    return taken
  }

  private async committedEntries(taken: readonly Pending[]): Promise<OutboxEntry[]> {
    const doubtful = taken.filter(({ state }) => state === 'in-doubt').flatMap(({ entries }) => entries)
    const kept = doubtful.length === 0 ? new Set<string>() : await this.kept(doubtful)
    return taken.flatMap(({ state, entries }) => (state === 'committed' ? entries : entries.filter(({ seq }) => kept.has(seq.toString()))))
  }

  /**
   * Inserting the same numbers waits for the end of a commit that still runs, and tells which of them it left. Ids count
   * too: a server that crashed may give the numbers of what it lost to others.
   */
  private async kept(entries: readonly OutboxEntry[]): Promise<ReadonlySet<string>> {
    const asked = [entries.map(({ seq }) => seq.toString()), entries.map(({ id }) => id)]
    const kept = new Set<string>()
    const told = new Error('only asked')
    try {
      await this.parts.database.inTransaction(async (tx) => {
        const missing = await tx.query<{ seq: string }>(
          `insert into outbox (seq, event_id, topic, key, headers, value)
           select w.seq, w.id, '', '', '{}', '' from unnest($1::bigint[], $2::uuid[]) as w (seq, id)
           on conflict (seq) do nothing returning seq`,
          asked,
        )
        const there = await tx.query<{ seq: string }>(
          'select o.seq from outbox o join unnest($1::bigint[], $2::uuid[]) as w (seq, id) on o.seq = w.seq and o.event_id = w.id',
          asked,
        )
        for (const { seq } of there) kept.add(seq)
        for (const { seq } of missing) kept.delete(seq)
        throw told
      })
    } catch (error) {
      if (error !== told) throw error
    }
    return kept
  }

  /** One publish in flight, whoever asks: order per key holds between the relay and the sweeper too. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.turn.then(work)
    this.turn = run.catch(() => undefined)
    return run
  }

  private async publish(entries: readonly OutboxEntry[]): Promise<void> {
    const behind = entries.filter((entry) => this.refusals.isHeld(entry))
    await this.refusals.note(behind)
    const free = behind.length === 0 ? entries : entries.filter((entry) => !behind.includes(entry))
    try {
      await this.send(free)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      await this.publishSingly(free)
    }
  }

  /** One of them is too large: the others must not wait for it. */
  private async publishSingly(entries: readonly OutboxEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.refusals.isHeld(entry)) await this.refusals.note([entry])
      else {
        await this.send([entry]).catch(async (error: unknown) => {
          if (!isTooLarge(error)) throw error
          await this.refusals.note([entry], error instanceof Error ? error.message : String(error))
        })
      }
    }
  }

  private async send(entries: readonly OutboxEntry[]): Promise<void> {
    if (entries.length === 0) return
    const start = performance.now()
    const messages = entries.map(({ message }) => message)
    const traced = this.parts.tracing?.publishing(messages)
    passFailpoint('before-relay')
    try {
      await this.parts.transport.publish(messages)
    } catch (error) {
      traced?.(error)
      throw error
    }
    traced?.()
    passFailpoint('after-relay')
    this.parts.onPublished(entries.length, (performance.now() - start) / 1000)
    this.published.push(...entries.map(({ seq }) => seq))
  }

  /**
   * Publishes again what was written within the last minutes and published since, in its order and before anything new, and
   * what was refused: for a log that lost its end. Inboxes absorb what was not lost. The number of events.
   */
  async republish(minutes: number): Promise<number> {
    await this.markPublished()
    const count = await this.inTurn(async () => {
      const [young] = await this.parts.database.query<{ before: string | null }>(
        'select min(seq + 0) - 1 as before from outbox where created_at >= now() - make_interval(secs => $1)',
        [minutes * 60],
      )
      let total = 0
      for (let after = young?.before ?? null; after !== null;) {
        const rows = await this.parts.database.query<OutboxRow>(
          `select seq, event_id, topic, key, headers, value from outbox o
           where seq > $1 and not exists (select from outbox_waiting w where w.seq = o.seq) order by seq limit ${PUBLISH_AT_ONCE}`,
          [after],
        )
        await this.send(rows.map(entryOf))
        total += rows.length
        after = rows.length < PUBLISH_AT_ONCE ? null : (rows.at(-1)?.seq ?? null)
      }
      return total
    })
    await this.refusals.clear()
    await this.sweep({ all: true })
    this.parts.logger.warn({ events: count, minutes }, 'published again')
    return count
  }

  /** Marks what was published; lazily, because a row that is published twice does no harm. */
  markPublished(): Promise<void> {
    this.marking ??= this.mark().finally(() => {
      this.marking = undefined
    })
    return this.marking
  }

  private async mark(): Promise<void> {
    const seqs = [...this.published]
    if (seqs.length === 0) return
    try {
      await this.parts.database.query(MARK, [seqs.map(String)])
      passFailpoint('after-mark')
      this.published = this.published.slice(seqs.length)
    } catch (error) {
      if (!isTransient(error)) throw error
    }
  }

  /** Before this nothing is published: what an earlier process left comes first. */
  async open(): Promise<void> {
    await this.sweep({ all: true })
    this.state = 'open'
    if (this.ready()) this.relay()
  }

  /** Publishes what a crash left behind. `all`: also young rows, when this process takes over from another. */
  async sweep(options: { readonly all: boolean }): Promise<void> {
    while (await this.inTurn(() => this.sweepSome(options)));
  }

  private async sweepSome(options: { readonly all: boolean }): Promise<boolean> {
    await this.markPublished()
    await this.refusals.load()
    const rows = await this.orphanRows(options.all)
    this.orphans = rows.length
    this.orphanedAt = performance.now() - Number(rows[0]?.age_ms ?? 0)
    if (rows.length === 0) return false
    this.parts.logger.info({ events: rows.length }, 'publishing events that were left behind')
    await this.publish(rows.map(entryOf))
    this.orphans = 0
    await this.markPublished()
    return rows.length === PUBLISH_AT_ONCE
  }

  private orphanRows(all: boolean): Promise<OrphanRow[]> {
    const held = [...this.pending.flatMap(({ entries }) => entries.map(({ seq }) => String(seq))), ...this.published.map(String)]
    return this.parts.database.query<OrphanRow>(
      `select seq, event_id, topic, key, headers, value, extract(epoch from now() - created_at) * 1000 as age_ms
       from outbox_waiting join outbox using (seq)
       where refusal is null and ($1 or created_at < now() - make_interval(secs => $2)) and seq <> all($3::bigint[])
       order by seq limit ${PUBLISH_AT_ONCE}`,
      [all, ORPHAN_AFTER_SECONDS, held],
    )
  }

  async discardOld(): Promise<void> {
    await this.parts.database.query(
      `delete from outbox o where created_at < now() - interval '${KEEP_HOURS} hours'
       and not exists (select from outbox_waiting w where w.seq = o.seq)`,
    )
    await this.parts.database.query(`delete from inbox where seen_at < now() - interval '8 days'`)
  }

  /** Waits until everything committed is out, at most `withinMs`; what is left is published at the next start. */
  async drain(withinMs: number): Promise<void> {
    const end = performance.now() + withinMs
    while (this.state === 'open' && this.pending.length > 0 && performance.now() < end) {
      const tick = new Promise((done) => setTimeout(done, 20))
      await Promise.race([this.relaying ?? tick, tick])
    }
    this.state = 'stopped'
    await this.markPublished()
  }
}

/** Nobody waits for the disk: a mark that a crash forgets is an event published twice. */
const MARK = `
  with hurry as materialized (select set_config('synchronous_commit', 'off', true))
  delete from outbox_waiting using hurry where seq = any($1::bigint[])`

const entryOf = ({ seq, event_id, topic, key, headers, value }: OutboxRow): OutboxEntry => ({
  seq: BigInt(seq),
  id: event_id,
  message: { topic, key, headers, value },
})

export type { Pending }
