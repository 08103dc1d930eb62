import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer as KafkajsConsumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs'
import { isTransient } from '@weir/persistence'
import type { Logger } from 'pino'
import type { LogPosition } from './log-lag.js'
import type { ConsumerOptions, StoredMessage } from './transport.js'

interface KafkaConsumerParts {
  readonly kafka: Kafka
  readonly logger: Logger
  readonly prefix: string
  readonly partitions: number
  readonly options: ConsumerOptions
  /** it dies again and again, though the broker and the database answer */
  onGivenUp(reason: string): void
}

/** What kafkajs hands over, with what its types leave out. */
type FetchedBatch = EachBatchPayload['batch'] & { readonly fetchedOffset: string | { toString(): string } }

const HEARTBEAT_MS = 2_000
const COMMIT_EVERY_MS = 1_000
const BACK_OFF_MS = { first: 50, most: 5_000 }
const REPLACE_MS = { first: 500, most: 10_000 }
/** Fetches and heartbeats come several times a second. Without any for so long it is dead, whatever kafkajs believes. */
const SILENT_MS = 45_000
const WATCH_MS = 5_000
/** Longer than any fetch or heartbeat takes, shorter than what makes the group give the partitions to others. */
const QUIET_MS = 9_000
/** A member that hangs is left behind: the epochs fence it off. */
const LEAVE_MS = 5_000
/** Deaths in a row without a batch in between, before a fresh process is asked for: about two minutes. */
const MOST_DEATHS = 12

/**
 * kafkajs's consumer, kept alive: positions come from the database at every assignment, offsets are committed to Kafka
 * behind it and only advise, a batch that fails pauses its partition, and a consumer that dies is replaced by a new one.
 */
export class KafkaConsumer {
  private consumer: KafkajsConsumer | undefined
  private readonly epochs = new Map<string, number>()
  private readonly done = new Map<string, string>()
  private assignment: Promise<void> = Promise.resolve()
  private readonly timers: NodeJS.Timeout[] = []
  /** the offset to be fetched next, per partition; anything else means that the log was changed */
  private readonly next = new Map<string, bigint>()
  private seen = performance.now()
  private deaths = 0
  private halted: string | undefined
  private readonly waits = new Map<string, { readonly reason: string; readonly ms: number }>()
  private broken: string | undefined
  private assigned = false
  private replacing = false
  private stopping = false

  constructor(private readonly parts: KafkaConsumerParts) {}

  async start(): Promise<void> {
    await this.connect()
    this.timers.push(
      setInterval(() => void this.commit(), COMMIT_EVERY_MS),
      setInterval(() => this.listenForLife(), WATCH_MS),
    )
  }

  private listenForLife(): void {
    const silentMs = performance.now() - this.seen
    if (silentMs < SILENT_MS || this.replacing || this.stopping || this.consumer === undefined) return
    void this.died(this.consumer, new Error(`the consumer was silent for ${Math.round(silentMs / 1000)} s`))
  }

  /** Stops consuming for as long as there is a reason to. */
  halt(reason: string | undefined): void {
    this.halted = reason
    if (reason !== undefined && this.consumer !== undefined && !this.stopping) void this.replace(this.consumer)
  }

  private async died(consumer: KafkajsConsumer, error: Error): Promise<void> {
    if (this.consumer !== consumer || this.stopping || this.replacing) return
    this.parts.logger.error({ err: error }, 'the consumer died and is replaced')
    this.mourn(error)
    await this.replace(consumer)
  }

  private mourn(error: unknown): void {
    this.broken = error instanceof Error ? error.message : String(error)
    // What waits for the broker or the database would only wait again in a fresh process.
    if (isAway(error) || this.halted !== undefined) return
    this.deaths += 1
    if (this.deaths === MOST_DEATHS) this.parts.onGivenUp(`the consumer died ${MOST_DEATHS} times in a row, last: ${this.broken}`)
  }

  private async connect(): Promise<void> {
    const { kafka, options, prefix, partitions } = this.parts
    const consumer = kafka.consumer({
      groupId: prefix + options.group,
      allowAutoTopicCreation: false,
      minBytes: 1,
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: 1024 * 1024,
      // also how long a dead member holds its partitions
      sessionTimeout: 10_000,
      rebalanceTimeout: 30_000,
      heartbeatInterval: HEARTBEAT_MS,
      // A crash is handled below, by a new consumer: kafkajs's own restart gives up on some errors without a word.
      retry: { retries: 8, restartOnFailure: () => Promise.resolve(false) },
    })
    this.consumer = consumer
    this.observe(consumer)
    await consumer.connect()
    await consumer.subscribe({ topics: options.topics.map((topic) => prefix + topic), fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.topics.length * partitions,
      eachBatch: (payload) => this.onBatch(payload),
    })
  }

  private observe(consumer: KafkajsConsumer): void {
    const { events } = consumer
    const isAlive = () => {
      if (this.consumer === consumer) this.seen = performance.now()
    }
    consumer.on(events.FETCH, isAlive)
    consumer.on(events.HEARTBEAT, isAlive)
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      isAlive()
      this.onJoin(consumer, payload.memberAssignment)
    })
    // kafkajs moves past what holds no messages (marks of foreign transactions) by itself.
    consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0 && this.consumer === consumer)
        this.next.set(`${payload.topic.slice(this.parts.prefix.length)}/${payload.partition}`, BigInt(payload.lastOffset) + 1n)
    })
    consumer.on(events.CRASH, ({ payload }) => void this.died(consumer, payload.error))
  }

  private async replace(dead: KafkajsConsumer): Promise<void> {
    if (this.replacing) return
    this.replacing = true
    await leave(dead)
    let waitMs = REPLACE_MS.first + Math.min(this.deaths * 1_000, REPLACE_MS.most)
    for (; !this.stopping; waitMs = Math.min(waitMs * 2, REPLACE_MS.most)) {
      await delay(this.halted === undefined ? waitMs : REPLACE_MS.first)
      if (this.stopping) break
      if (this.halted !== undefined) continue
      try {
        await this.connect()
        this.seen = performance.now()
        break
      } catch (error) {
        this.mourn(error)
        if (this.consumer !== undefined) await leave(this.consumer)
      }
    }
    this.replacing = false
    if (this.halted !== undefined && this.consumer !== undefined && !this.stopping) void this.replace(this.consumer)
  }

  private onJoin(consumer: KafkajsConsumer, assigned: Readonly<Record<string, readonly number[]>>): void {
    const { prefix, options, logger } = this.parts
    const partitions = Object.entries(assigned).flatMap(([topic, all]) =>
      all.map((partition) => ({ topic: topic.slice(prefix.length), partition })),
    )
    this.assigned = false
    this.epochs.clear()
    this.done.clear()
    this.waits.clear()
    this.next.clear()
    this.assignment = options
      .onAssigned(partitions)
      .then((positions) => {
        for (const { topic, partition, nextOffset, epoch } of positions) {
          this.epochs.set(`${topic}/${partition}`, epoch)
          this.next.set(`${topic}/${partition}`, nextOffset)
          // Always, also to 0: Kafka's own offset may be ahead of a database that was restored.
          consumer.seek({ topic: prefix + topic, partition, offset: nextOffset.toString() })
        }
        this.broken = undefined
        this.assigned = true
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'positions could not be read; the consumer is replaced')
        void this.died(consumer, new Error('positions could not be read', { cause: error }))
      })
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS)
    try {
      await this.assignment
      await this.handOver(payload)
    } finally {
      clearInterval(beat)
    }
  }

  /** Never throws: kafkajs would give up after five tries. A partition whose batch fails is paused; the others go on. */
  private async handOver({ batch, resolveOffset, isRunning, isStale, pause }: EachBatchPayload): Promise<void> {
    const topic = batch.topic.slice(this.parts.prefix.length)
    const { partition } = batch
    const place = `${topic}/${partition}`
    const epoch = this.epochs.get(place)
    // A seek that came after this fetch makes it stale: the database's position counts.
    if (epoch === undefined || !isRunning() || isStale()) return
    try {
      const gapTo = await this.agree({ topic, partition, epoch, from: BigInt((batch as FetchedBatch).fetchedOffset.toString()) })
      const messages = batch.messages.map((message) => stored(message, { topic, partition }))
      if (messages.length > 0)
        await this.parts.options.onBatch({ topic, partition, messages, epoch, ...(gapTo === undefined ? {} : { gapTo }) })
      if (this.epochs.get(place) !== epoch) return
      resolveOffset(batch.lastOffset())
      this.waits.delete(place)
      this.deaths = 0
      this.next.set(place, BigInt(batch.lastOffset()) + 1n)
      this.done.set(place, (BigInt(batch.lastOffset()) + 1n).toString())
    } catch (error) {
      const ms = Math.min(Math.max(BACK_OFF_MS.first, (this.waits.get(place)?.ms ?? 0) * 2), BACK_OFF_MS.most)
      this.waits.set(place, { ms, reason: `${place}: ${error instanceof Error ? error.message : String(error)}` })
      this.parts.logger.warn({ err: error, place, ms }, 'a batch waits and is tried again')
      const resume = pause()
      setTimeout(() => {
        if (!this.stopping) resume()
      }, ms).unref()
    }
  }

  /**
   * kafkajs answers an offset that the log does not have with the log's beginning, without a word. Above the offset that
   * was asked for, messages are gone, and the answer is where the log begins; below, the log is shorter than it was.
   */
  private async agree(at: { readonly topic: string; readonly partition: number; readonly epoch: number; readonly from: bigint }) {
    const { from: to, ...rest } = at
    const place = `${at.topic}/${at.partition}`
    const next = this.next.get(place) ?? to
    if (to > next) return to
    if (to < next) {
      this.parts.logger.error({ place, next: next.toString(), to: to.toString() }, 'the log lost its end; it is read again')
      await this.parts.options.onRewound?.({ ...rest, to })
      this.next.set(place, to)
    }
    return undefined
  }

  private async commit(): Promise<void> {
    if (this.done.size === 0 || this.consumer === undefined) return
    const offsets = [...this.done].map(([place, offset]) => {
      const at = place.lastIndexOf('/')
      return { topic: this.parts.prefix + place.slice(0, at), partition: Number(place.slice(at + 1)), offset }
    })
    this.done.clear()
    await this.consumer.commitOffsets(offsets).catch((error: unknown) => {
      this.parts.logger.debug({ err: error }, 'offsets were not committed to Kafka; the database knows them')
    })
  }

  trouble(): string | undefined {
    return this.halted ?? this.broken ?? this.idle() ?? this.waits.values().next().value?.reason
  }

  private idle(): string | undefined {
    if (!this.assigned) return 'the group has not assigned it partitions yet'
    const quietMs = performance.now() - this.seen
    return quietMs > QUIET_MS ? `no sign of life from its broker for ${Math.floor(quietMs / 1000)} s` : undefined
  }

  positions(): readonly LogPosition[] {
    return [...this.next].map(([place, next]) => {
      const at = place.lastIndexOf('/')
      return { topic: place.slice(0, at), partition: Number(place.slice(at + 1)), next }
    })
  }

  async stop(): Promise<void> {
    this.stopping = true
    for (const timer of this.timers) clearInterval(timer)
    await this.consumer?.stop().catch(() => undefined)
    await this.commit()
    await this.consumer?.disconnect().catch(() => undefined)
  }
}

async function leave(consumer: KafkajsConsumer): Promise<void> {
  const late = new AbortController()
  await Promise.race([
    consumer.disconnect().catch(() => undefined),
    delay(LEAVE_MS, undefined, { signal: late.signal }).catch(() => undefined),
  ])
  late.abort()
}

const AWAY = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
])

/** Whether the broker or the database does not answer, so that nothing of this process is at fault. */
function isAway(error: unknown): boolean {
  if (isTransient(error)) return true
  if (!(error instanceof Error)) return false
  return AWAY.has(error.name) || isAway(error.cause)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** PostgreSQL text cannot hold NUL, so a text with one counts as unreadable too. */
function textOf(bytes: Buffer | string): string | undefined {
  try {
    const text = typeof bytes === 'string' ? bytes : utf8.decode(bytes)
    return text.includes('\u0000') ? undefined : text
  } catch {
    return undefined
  }
}

function stored(message: KafkaMessage, at: { readonly topic: string; readonly partition: number }): StoredMessage {
  const base = { ...at, offset: BigInt(message.offset) }
  const key = message.key === null ? undefined : textOf(message.key)
  const value = message.value === null ? undefined : textOf(message.value)
  const headers = headersOf(message.headers ?? {})
  const isReadable = (key !== undefined || message.key === null) && (value !== undefined || message.value === null) && headers !== undefined
  if (isReadable) return { ...base, key, headers, value }
  // Base64 keeps the bytes for whoever mends the sender.
  const bytes = message.value?.toString('base64')
  return {
    ...base,
    key,
    headers: headers ?? {},
    value: bytes,
    unreadable: 'key, value or headers are not text; the value is kept as base64',
  }
}

function headersOf(headers: IHeaders): Record<string, string> | undefined {
  const texts: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first === undefined) continue
    const text = textOf(first)
    if (text === undefined || name.includes('\u0000')) return undefined
    texts.push([name.toLowerCase(), text])
  }
  return Object.fromEntries(texts)
}
