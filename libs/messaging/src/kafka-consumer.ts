import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer as KafkajsConsumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs'
import type { Logger } from 'pino'
import type { ConsumerOptions, StoredMessage } from './transport.js'

interface KafkaConsumerParts {
  readonly kafka: Kafka
  readonly logger: Logger
  readonly prefix: string
  readonly partitions: number
  readonly options: ConsumerOptions
}

const HEARTBEAT_MS = 2_000
const COMMIT_EVERY_MS = 1_000
const BACK_OFF_MS = { first: 50, most: 5_000 }

/**
 * kafkajs's consumer, kept alive: positions come from the database at every assignment, offsets are committed to Kafka
 * behind it and only advise, a batch that fails pauses its partition, and a consumer that dies is replaced by a new one.
 */
export class KafkaConsumer {
  private consumer: KafkajsConsumer | undefined
  private readonly epochs = new Map<string, number>()
  private readonly done = new Map<string, string>()
  private assignment: Promise<void> = Promise.resolve()
  private committing: NodeJS.Timeout | undefined
  private readonly waits = new Map<string, { readonly reason: string; readonly ms: number }>()
  private broken: string | undefined
  private replacing = false
  private stopping = false

  constructor(private readonly parts: KafkaConsumerParts) {}

  async start(): Promise<void> {
    await this.connect()
    this.committing = setInterval(() => void this.commit(), COMMIT_EVERY_MS)
  }

  private async connect(): Promise<void> {
    const { kafka, options, prefix, logger, partitions } = this.parts
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
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.onJoin(consumer, payload.memberAssignment))
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (this.consumer !== consumer || this.stopping) return
      this.broken = payload.error.message
      logger.error({ err: payload.error }, 'the consumer died and is replaced')
      void this.replace(consumer)
    })
    await consumer.connect()
    await consumer.subscribe({ topics: options.topics.map((topic) => prefix + topic), fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.topics.length * partitions,
      eachBatch: (payload) => this.onBatch(payload),
    })
  }

  private async replace(dead: KafkajsConsumer): Promise<void> {
    if (this.replacing) return
    this.replacing = true
    await dead.disconnect().catch(() => undefined)
    for (let waitMs = 500; !this.stopping; waitMs = Math.min(waitMs * 2, 10_000)) {
      await delay(waitMs)
      if (this.stopping) break
      try {
        await this.connect()
        break
      } catch (error) {
        this.broken = error instanceof Error ? error.message : String(error)
        await this.consumer?.disconnect().catch(() => undefined)
      }
    }
    this.replacing = false
  }

  private onJoin(consumer: KafkajsConsumer, assigned: Readonly<Record<string, readonly number[]>>): void {
    const { prefix, options, logger } = this.parts
    const partitions = Object.entries(assigned).flatMap(([topic, all]) =>
      all.map((partition) => ({ topic: topic.slice(prefix.length), partition })),
    )
    this.epochs.clear()
    this.done.clear()
    this.waits.clear()
    this.assignment = options
      .onAssigned(partitions)
      .then((positions) => {
        for (const { topic, partition, nextOffset, epoch } of positions) {
          this.epochs.set(`${topic}/${partition}`, epoch)
          // Always, also to 0: Kafka's own offset may be ahead of a database that was restored.
          consumer.seek({ topic: prefix + topic, partition, offset: nextOffset.toString() })
        }
        this.broken = undefined
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'positions could not be read; the consumer is replaced')
        this.broken = 'positions could not be read'
        if (this.consumer === consumer && !this.stopping) void this.replace(consumer)
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
    const messages = batch.messages.map((message) => stored(message, { topic, partition }))
    try {
      if (messages.length > 0) await this.parts.options.onBatch({ topic, partition, messages, epoch })
      if (this.epochs.get(place) !== epoch) return
      resolveOffset(batch.lastOffset())
      this.waits.delete(place)
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
    return this.broken ?? this.waits.values().next().value?.reason
  }

  async stop(): Promise<void> {
    this.stopping = true
    clearInterval(this.committing)
    await this.consumer?.stop().catch(() => undefined)
    await this.commit()
    await this.consumer?.disconnect().catch(() => undefined)
  }
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
