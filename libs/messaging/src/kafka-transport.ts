import { setTimeout as delay } from 'node:timers/promises'
import { Partitioners, type Admin, type Kafka, type Producer } from 'kafkajs'
import { MessagingFault } from './messaging-fault.js'
import { isRefused, kafkaOf, type KafkaClientOptions } from './kafka-client.js'
import { KafkaConsumer } from './kafka-consumer.js'
import { partitionOf } from './murmur2.js'
import { DEFAULT_PARTITIONS } from './postgres-log.js'
import type { Consumer, ConsumerOptions, OutgoingMessage, Transport } from './transport.js'

export interface KafkaTransportOptions extends KafkaClientOptions {
  readonly partitions?: number
  readonly replicationFactor?: number
  /** put before every topic and group, so that installations and test runs share a broker without meeting */
  readonly prefix?: string
}

const TOPIC_WAIT_MS = 30_000
const CHUNK_BYTES = 900_000

/** Nothing is opened before it is needed: a broker that is away shows in `trouble`, not at start. */
export function createKafkaTransport(options: KafkaTransportOptions): Transport {
  return new KafkaTransport(kafkaOf(options), options)
}

class KafkaTransport implements Transport {
  readonly kind = 'kafka'
  private readonly partitions: number
  private readonly prefix: string
  private readonly consumers = new Set<KafkaConsumer>()
  private producer: Promise<Producer> | undefined
  private lost: string | undefined

  constructor(
    private readonly kafka: Kafka,
    private readonly options: KafkaTransportOptions,
  ) {
    this.partitions = options.partitions ?? DEFAULT_PARTITIONS
    this.prefix = options.prefix ?? ''
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return
    const admin = this.kafka.admin()
    await admin.connect()
    try {
      const wanted = topics.map((topic) => this.prefix + topic)
      const existing = new Set(await admin.listTopics())
      const missing = wanted.filter((topic) => !existing.has(topic))
      if (missing.length > 0) {
        const replicationFactor = this.options.replicationFactor ?? 1
        // Waiting for leaders inside kafkajs fails now and then; the look below waits by itself. So does a login that
        // may not create topics, for whoever may.
        await admin
          .createTopics({
            waitForLeaders: false,
            topics: missing.map((topic) => ({ topic, numPartitions: this.partitions, replicationFactor })),
          })
          .catch((error: unknown) => this.options.logger.debug({ err: error }, 'topics are left to somebody else'))
      }
      await this.awaitTopics(admin, wanted)
    } finally {
      await admin.disconnect()
    }
  }

  private async awaitTopics(admin: Admin, topics: readonly string[]): Promise<void> {
    let refused = false
    for (const end = performance.now() + TOPIC_WAIT_MS; ;) {
      const found = await admin.fetchTopicMetadata({ topics: [...topics] }).then(
        ({ topics: all }) => all,
        (error: unknown) => {
          refused = isRefused(error)
          return []
        },
      )
      const other = found.find((topic) => topic.partitions.length !== this.partitions)
      if (other !== undefined && other.partitions.length > 0) throw mismatch(other, this.partitions)
      if (found.length === topics.length && found.every((topic) => topic.partitions.every(({ leader }) => leader >= 0))) return
      if (performance.now() > end) {
        const names = topics.join(', ')
        throw new MessagingFault(
          refused
            ? { code: 'not-allowed', message: `Of ${names}, some are absent or not for ${this.options.login?.username ?? 'everybody'}.` }
            : { code: 'broker-unreachable', message: `The topics ${names} have no leaders after ${TOPIC_WAIT_MS} ms.` },
        )
      }
      await delay(100)
    }
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    try {
      for (const chunk of chunksOf(messages)) {
        const producer = await this.connectedProducer()
        await producer.sendBatch({ topicMessages: this.byTopic(chunk), acks: -1 })
      }
      this.lost = undefined
    } catch (error) {
      this.lost = error instanceof Error ? error.message : String(error)
      throw error
    }
  }

  private byTopic(messages: readonly OutgoingMessage[]) {
    return [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, all]) => ({
      topic: this.prefix + topic,
      messages: all.map(({ key, headers, value }) => ({
        key,
        headers: { ...headers },
        value,
        partition: partitionOf(key, this.partitions),
      })),
    }))
  }

  private connectedProducer(): Promise<Producer> {
    this.producer ??= this.connectProducer().catch((error: unknown) => {
      this.producer = undefined
      throw error
    })
    return this.producer
  }

  private async connectProducer(): Promise<Producer> {
    // Not idempotent: its state cannot be mended after some errors, and the inbox absorbs what is sent twice.
    const producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    })
    await producer.connect()
    return producer
  }

  async consume(options: ConsumerOptions): Promise<Consumer> {
    const consumer = new KafkaConsumer({
      kafka: this.kafka,
      logger: this.options.logger,
      prefix: this.prefix,
      partitions: this.partitions,
      options,
    })
    await consumer.start()
    this.consumers.add(consumer)
    return {
      stop: () => {
        this.consumers.delete(consumer)
        return consumer.stop()
      },
      trouble: () => consumer.trouble(),
    }
  }

  trouble(): string | undefined {
    return this.lost
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()))
    const producer = await this.producer?.catch(() => undefined)
    await producer?.disconnect()
  }
}

/** In order, one after the other: all of a request's messages of a partition are one record batch, which brokers limit to 1 MB. */
function chunksOf(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const chunks: OutgoingMessage[][] = []
  let room = 0
  for (const message of messages) {
    const size = 2 * (message.value.length + JSON.stringify(message.headers).length)
    if (size > room) {
      chunks.push([])
      room = CHUNK_BYTES
    }
    room -= size
    chunks.at(-1)?.push(message)
  }
  return chunks
}

const mismatch = (topic: { readonly name: string; readonly partitions: readonly unknown[] }, wanted: number): MessagingFault =>
  new MessagingFault({
    code: 'topic-mismatch',
    message: `${topic.name} has ${topic.partitions.length} partitions, not ${wanted}: with another count, customers would change their partition`,
  })
