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
 * behind it and only advise, a batch that fails waits in place, and a consumer that dies is replaced by a new one.
 */
export class KafkaConsumer {
  private consumer: KafkajsConsumer | undefined
  private readonly epochs = new Map<string, number>()
  private readonly done = new Map<string, string>()
  private assignment: Promise<void> = Promise.resolve()
  private committing: NodeJS.Timeout | undefined
  private failing: string | undefined
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
      sessionTimeout: 15_000,
      rebalanceTimeout: 30_000,
      heartbeatInterval: HEARTBEAT_MS,
      // A crash is handled below, by a new consumer: kafkajs's own restart gives up on some errors without a word.
      retry: { retries: 8, restartOnFailure: () => Promise.resolve(false) },
    })
    this.consumer = consumer
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.onJoin(consumer, payload.memberAssignment))
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.failing = payload.error.message
      if (this.consumer !== consumer || this.stopping) return
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
    await dead.disconnect().catch(() => undefined)
    for (let waitMs = 500; !this.stopping; waitMs = Math.min(waitMs * 2, 10_000)) {
      await delay(waitMs)
      try {
        await this.connect()
        this.failing = undefined
        return
      } catch (error) {
        this.failing = error instanceof Error ? error.message : String(error)
        await this.consumer?.disconnect().catch(() => undefined)
      }
    }
  }

  private onJoin(consumer: KafkajsConsumer, assigned: Readonly<Record<string, readonly number[]>>): void {
    const { prefix, options, logger } = this.parts
    const partitions = Object.entries(assigned).flatMap(([topic, all]) =>
      all.map((partition) => ({ topic: topic.slice(prefix.length), partition })),
    )
    this.epochs.clear()
    this.done.clear()
    this.failing = undefined
    this.assignment = options
      .onAssigned(partitions)
      .then((positions) => {
        for (const { topic, partition, nextOffset, epoch } of positions) {
          this.epochs.set(`${topic}/${partition}`, epoch)
          if (nextOffset > 0n) consumer.seek({ topic: prefix + topic, partition, offset: nextOffset.toString() })
        }
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'positions could not be read; the consumer is replaced')
        this.failing = 'positions could not be read'
        if (this.consumer === consumer && !this.stopping) void this.replace(consumer)
      })
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat } = payload
    const beat = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS)
    try {
      await this.assignment
      if (!(await this.handOver(payload))) return
    } finally {
      clearInterval(beat)
    }
    this.done.set(`${batch.topic}/${batch.partition}`, (BigInt(batch.lastOffset()) + 1n).toString())
  }

  /** Never throws: kafkajs would give up after five tries. What fails waits here until it works (true) or the partition is lost. */
  private async handOver({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<boolean> {
    const topic = batch.topic.slice(this.parts.prefix.length)
    const { partition } = batch
    const messages = batch.messages.map((message) => stored(message, { topic, partition }))
    for (let waitMs = 0; isRunning() && !isStale();) {
      const epoch = this.epochs.get(`${topic}/${partition}`)
      if (epoch === undefined) return false
      try {
        if (messages.length > 0) await this.parts.options.onBatch({ topic, partition, messages, epoch })
        resolveOffset(batch.lastOffset())
        this.failing = undefined
        return true
      } catch (error) {
        waitMs = Math.min(Math.max(BACK_OFF_MS.first, waitMs * 2), BACK_OFF_MS.most)
        this.failing = `${topic}/${partition}: ${error instanceof Error ? error.message : String(error)}`
        this.parts.logger.warn({ err: error, topic, partition, waitMs }, 'a batch waits and is tried again')
        await delay(waitMs)
      }
    }
    return false
  }

  private async commit(): Promise<void> {
    if (this.done.size === 0 || this.consumer === undefined) return
    const offsets = [...this.done].map(([place, offset]) => {
      const at = place.lastIndexOf('/')
      return { topic: place.slice(0, at), partition: Number(place.slice(at + 1)), offset }
    })
    this.done.clear()
    await this.consumer.commitOffsets(offsets).catch((error: unknown) => {
      this.parts.logger.debug({ err: error }, 'offsets were not committed to Kafka; the database knows them')
    })
  }

  trouble(): string | undefined {
    return this.failing
  }

  async stop(): Promise<void> {
    this.stopping = true
    clearInterval(this.committing)
    await this.consumer?.stop().catch(() => undefined)
    await this.commit()
    await this.consumer?.disconnect().catch(() => undefined)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function stored(message: KafkaMessage, at: { readonly topic: string; readonly partition: number }): StoredMessage {
  const base = { ...at, offset: BigInt(message.offset) }
  try {
    return {
      ...base,
      key: message.key === null ? undefined : utf8.decode(message.key),
      headers: headersOf(message.headers ?? {}),
      value: message.value === null ? undefined : utf8.decode(message.value),
    }
  } catch {
    // Base64 keeps the bytes for whoever mends the sender.
    const value = message.value?.toString('base64')
    return { ...base, key: undefined, headers: {}, value, unreadable: 'key, value or headers are not UTF-8; the value is kept as base64' }
  }
}

function headersOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value
      return first === undefined ? [] : [[name.toLowerCase(), typeof first === 'string' ? first : utf8.decode(first)] as const]
    }),
  )
}
