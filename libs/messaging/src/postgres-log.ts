import { EventEmitter } from 'node:events'
import { openDatabase, type Database } from '@weir/persistence'
import type { Logger } from 'pino'
import { MessagingFault } from './messaging-fault.js'
import { Gatherer } from './gatherer.js'
import { lagOf, type LogPosition } from './log-lag.js'
import { LogTail } from './log-tail.js'
import { refuseOversized } from './message-size.js'
import { partitionOf } from './murmur2.js'
import type { Consumer, ConsumerOptions, OutgoingMessage, StoredMessage, Transport } from './transport.js'

export interface PostgresLogOptions {
  /** of schema `bus` */
  readonly url: string
  readonly logger: Logger
  readonly partitions?: number
}

export const DEFAULT_PARTITIONS = 4

const BATCH = 300
const APPENDED_AT_ONCE = 1_000
/** Wake-ups come from this process; the look is for what a restart left. */
const LOOK_EVERY_MS = 2_000
const BACK_OFF_MS = { first: 50, most: 5_000 }

interface MessageRow {
  readonly offset: string
  readonly key: string
  readonly headers: Record<string, string>
  readonly value: string
}

/** Topics in PostgreSQL, for one process on one machine: no groups, no rebalance. */
export async function openPostgresLog(options: PostgresLogOptions): Promise<Transport> {
  const database = await openDatabase({ url: options.url, name: 'bus', poolSize: 8 })
  return new PostgresLog(database, options)
}

class PostgresLog implements Transport {
  readonly kind = 'postgres-log'
  private readonly wake = new EventEmitter().setMaxListeners(0)
  private readonly tail = new LogTail()
  /** Appends of all services of this process: one commit carries whatever arrived during the one before. */
  private readonly publishing = new Gatherer<readonly OutgoingMessage[], void>({
    together: async (all) => {
      await this.append(all.flat())
      return all.map(() => undefined)
    },
    alone: (messages) => this.append(messages),
    most: APPENDED_AT_ONCE,
    sizeOf: ({ length }) => length,
  })
  private readonly partitions: number
  private lost: string | undefined

  constructor(
    private readonly database: Database,
    private readonly options: PostgresLogOptions,
  ) {
    this.partitions = options.partitions ?? DEFAULT_PARTITIONS
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    await this.database.query(
      'insert into head (topic, partition) select t, p from unnest($1::text[]) t, generate_series(0, $2::int - 1) p order by t, p on conflict do nothing',
      [topics, this.partitions],
    )
    const rows = await this.database.query<{ topic: string; partitions: number }>(
      'select topic, count(*)::int as partitions from head where topic = any($1) group by topic',
      [topics],
    )
    const other = rows.find((row) => row.partitions !== this.partitions)
    if (other === undefined) return
    throw new MessagingFault({
      code: 'topic-mismatch',
      message: `${other.topic} has ${other.partitions} partitions, not ${this.partitions}: with another count, customers would change their partition`,
    })
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    refuseOversized(messages)
    if (messages.length > 0) await this.publishing.add(messages)
  }

  private async append(messages: readonly OutgoingMessage[]): Promise<void> {
    const partitions = messages.map(({ key }) => partitionOf(key, this.partitions))
    const rows = await this.watched(() =>
      this.database.query<{ offsets: string[] }>('select append($1, $2, $3, $4, $5) as offsets', [
        messages.map(({ topic }) => topic),
        partitions,
        messages.map(({ key }) => key),
        messages.map(({ headers }) => JSON.stringify(headers)),
        messages.map(({ value }) => value),
      ]),
    )
    const offsets = rows[0]?.offsets ?? []
    for (const [n, message] of messages.entries()) {
      this.tail.add({ ...message, partition: partitions[n] ?? 0, offset: BigInt(offsets[n] ?? -1) })
    }
    for (const lane of new Set(messages.map(({ topic }, index) => `${topic}/${partitions[index]}`))) this.wake.emit(lane)
  }

  async consume(options: ConsumerOptions): Promise<Consumer> {
    const partitions = options.topics.flatMap((topic) => Array.from({ length: this.partitions }, (_, partition) => ({ topic, partition })))
    const assigned = await options.onAssigned(partitions)
    const lanes = assigned.map((position) => new Lane({ position, log: this, wake: this.wake, logger: this.options.logger, options }))
    return {
      stop: async () => {
        await Promise.all(lanes.map((lane) => lane.stop()))
      },
      lag: async () =>
        lagOf(
          lanes.map((lane) => lane.at()),
          await this.ends(options.topics),
        ),
      trouble: () => lanes.map((lane) => lane.trouble()).find((trouble) => trouble !== undefined),
    }
  }

  private async ends(topics: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    const rows = await this.watched(() =>
      this.database.query<{ place: string; end: string }>(
        `select topic || '/' || partition as place, next_offset as end from head where topic = any($1)`,
        [topics],
      ),
    )
    return new Map(rows.map(({ place, end }) => [place, BigInt(end)]))
  }

  async read(from: { readonly topic: string; readonly partition: number; readonly next: bigint }): Promise<readonly StoredMessage[]> {
    const fresh = this.tail.from(from, BATCH)
    if (fresh.length > 0) return fresh
    const rows = await this.watched(() =>
      this.database.query<MessageRow>(
        `select "offset", key, headers, value from message where topic = $1 and partition = $2 and "offset" >= $3 order by "offset" limit ${BATCH}`,
        [from.topic, from.partition, from.next.toString()],
      ),
    )
    return rows.map((row) => ({ ...row, topic: from.topic, partition: from.partition, offset: BigInt(row.offset) }))
  }

  private async watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.lost = undefined
      return result
    } catch (error) {
      this.lost = error instanceof Error ? error.message : String(error)
      throw error
    }
  }

  trouble(): string | undefined {
    return this.lost
  }

  close(): Promise<void> {
    return this.database.close()
  }
}

interface LaneParts {
  readonly position: { readonly topic: string; readonly partition: number; readonly nextOffset: bigint; readonly epoch: number }
  readonly log: PostgresLog
  readonly wake: EventEmitter
  readonly logger: Logger
  readonly options: ConsumerOptions
}

/** One partition's loop: read, hand over, go on. */
class Lane {
  private readonly name: string
  private readonly done: Promise<void>
  private next: bigint
  private running = true
  private woken = false
  private failing: string | undefined
  private ring: () => void = () => undefined
  private readonly onWake = () => {
    this.woken = true
    this.ring()
  }

  constructor(private readonly parts: LaneParts) {
    const { topic, partition, nextOffset } = parts.position
    this.name = `${topic}/${partition}`
    this.next = nextOffset
    parts.wake.on(this.name, this.onWake)
    this.done = this.loop()
  }

  private async loop(): Promise<void> {
    let backOffMs = 0
    while (this.running) {
      try {
        const read = await this.step()
        backOffMs = 0
        this.failing = undefined
        if (read < BATCH) await this.rest(LOOK_EVERY_MS)
      } catch (error) {
        backOffMs = Math.min(Math.max(BACK_OFF_MS.first, backOffMs * 2), BACK_OFF_MS.most)
        this.failing = error instanceof Error ? error.message : String(error)
        this.parts.logger.warn({ err: error, lane: this.name, backOffMs }, 'a batch waits and is tried again')
        this.woken = false
        await this.rest(backOffMs)
      }
    }
  }

  /** The number of messages read; what is published from then on wakes this lane. */
  private async step(): Promise<number> {
    const { topic, partition, epoch } = this.parts.position
    this.woken = false
    const messages = await this.parts.log.read({ topic, partition, next: this.next })
    const last = messages.at(-1)
    if (last === undefined || !this.running) return 0
    const first = messages[0]?.offset ?? this.next
    const gap = first > this.next ? { gapTo: first } : {}
    await this.parts.options.onBatch({ topic, partition, messages, epoch, ...gap })
    this.next = last.offset + 1n
    return messages.length
  }

  private async rest(ms: number): Promise<void> {
    if (this.woken || !this.running) return
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms)
      this.ring = () => {
        clearTimeout(timer)
        done()
      }
    })
  }

  at(): LogPosition {
    const { topic, partition } = this.parts.position
    return { topic, partition, next: this.next }
  }

  trouble(): string | undefined {
    return this.failing === undefined ? undefined : `${this.name}: ${this.failing}`
  }

  async stop(): Promise<void> {
    this.running = false
    this.parts.wake.off(this.name, this.onWake)
    this.ring()
    await this.done
  }
}
