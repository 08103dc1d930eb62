import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { MessagingFault } from './messaging-fault.js'
import { FormerMember } from './former-member.js'
import { isRefused, kafkaOf, type KafkaClientOptions } from './kafka-client.js'
import { KafkaConsumer, type KafkaConsumerTuning } from './kafka-consumer.js'
import { KafkaLogEnds } from './kafka-log-ends.js'
import { KafkaPublisher } from './kafka-publisher.js'
import { lagOf } from './log-lag.js'
import { DEFAULT_PARTITIONS } from './postgres-log.js'
import { mismatch, TopicWatch } from './topic-watch.js'
import type { Consumer, ConsumerOptions, OutgoingMessage, Transport } from './transport.js'

export interface KafkaTransportOptions extends KafkaClientOptions {
  readonly partitions?: number
  readonly replicationFactor?: number
  /** how long topics that are made, here or by somebody else, may take to show; 30 s */
  readonly topicWaitMs?: number
  /** put before every topic and group, so that installations and test runs share a broker without meeting */
  readonly prefix?: string
  readonly consumer?: KafkaConsumerTuning
  /**
   * The name of this process, the same when it starts again and another one than those beside it have. With it, a process
   * that was killed waits for no session of its own to end; absent: it waits.
   */
  readonly instance?: string
  /** A consumer could not be kept alive, though the broker answers: a fresh process is the next thing to try. */
  onGivenUp?(reason: string): void
}

const TOPIC_WAIT_MS = 30_000
const WATCH_TOPICS_EVERY_MS = 5_000

/** Nothing is opened before it is needed: a broker that is away shows in `trouble`, not at start. */
export function createKafkaTransport(options: KafkaTransportOptions): Transport {
  return new KafkaTransport(kafkaOf(options), options)
}

class KafkaTransport implements Transport {
  readonly kind = 'kafka'
  private readonly partitions: number
  private readonly prefix: string
  private readonly consumers = new Set<KafkaConsumer>()
  private readonly publisher: KafkaPublisher
  private readonly ends: KafkaLogEnds
  private readonly watch: TopicWatch
  private readonly topics = new Set<string>()
  private topicTrouble: string | undefined

  constructor(
    private readonly kafka: Kafka,
    private readonly options: KafkaTransportOptions,
  ) {
    this.partitions = options.partitions ?? DEFAULT_PARTITIONS
    this.prefix = options.prefix ?? ''
    this.publisher = new KafkaPublisher({ kafka, prefix: this.prefix, partitions: this.partitions })
    this.ends = new KafkaLogEnds({ kafka, prefix: this.prefix })
    this.watch = new TopicWatch({
      kafka,
      partitions: this.partitions,
      everyMs: WATCH_TOPICS_EVERY_MS,
      topics: () => this.topics,
      onGone: (topic) => {
        for (const consumer of this.consumers) consumer.beginAnew(topic.slice(this.prefix.length))
      },
      onChange: (trouble) => this.onTopics(trouble),
    })
  }

  private onTopics(trouble: string | undefined): void {
    if (trouble === undefined) this.options.logger.info('the topics are as they should be again')
    else this.options.logger.fatal({ trouble }, 'topics were changed under way; consuming stops until they are mended')
    this.topicTrouble = trouble
    for (const consumer of this.consumers) consumer.halt(trouble)
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
      for (const topic of wanted) this.topics.add(topic)
      this.watch.start()
    } finally {
      await admin.disconnect()
    }
  }

  private async awaitTopics(admin: Admin, topics: readonly string[]): Promise<void> {
    let refused = false
    const waitMs = this.options.topicWaitMs ?? TOPIC_WAIT_MS
    for (const end = performance.now() + waitMs; ;) {
      const found = await admin.fetchTopicMetadata({ topics: [...topics] }).then(
        ({ topics: all }) => all,
        (error: unknown) => {
          refused = isRefused(error)
          return []
        },
      )
      const other = found.find((topic) => topic.partitions.length !== this.partitions)
      if (other !== undefined && other.partitions.length > 0) {
        const message = mismatch(other.name, { count: other.partitions.length, wanted: this.partitions })
        throw new MessagingFault({ code: 'topic-mismatch', message })
      }
      if (found.length === topics.length && found.every((topic) => topic.partitions.every(({ leader }) => leader >= 0))) return
      if (performance.now() > end) {
        const names = topics.join(', ')
        throw new MessagingFault(
          refused
            ? { code: 'not-allowed', message: `Of ${names}, some are absent or not for ${this.options.login?.username ?? 'everybody'}.` }
            : { code: 'broker-unreachable', message: `The topics ${names} have no leaders after ${waitMs} ms.` },
        )
      }
      await delay(100)
    }
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.publisher.publish(messages)
  }

  async consume(options: ConsumerOptions): Promise<Consumer> {
    const { instance } = this.options
    const consumer = new KafkaConsumer({
      kafka: this.kafka,
      logger: this.options.logger,
      prefix: this.prefix,
      partitions: this.partitions,
      options,
      ...(this.options.consumer === undefined ? {} : { tuning: this.options.consumer }),
      ...(instance === undefined ? {} : { former: this.formerMember(options, instance) }),
      onGivenUp: (reason) => this.options.onGivenUp?.(reason),
    })
    await consumer.start()
    this.consumers.add(consumer)
    return {
      stop: () => {
        this.consumers.delete(consumer)
        return consumer.stop()
      },
      lag: async () => lagOf(consumer.positions(), await this.ends.of(options.topics)),
      trouble: () => consumer.trouble(),
    }
  }

  private formerMember({ group, memberships }: ConsumerOptions, instance: string): FormerMember | undefined {
    if (memberships === undefined) return undefined
    const membership = { group: this.prefix + group, instance }
    return new FormerMember({ kafka: this.kafka, logger: this.options.logger, membership, memberships })
  }

  trouble(): string | undefined {
    return this.topicTrouble ?? this.publisher.trouble()
  }

  async close(): Promise<void> {
    await this.watch.close()
    await this.ends.close()
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()))
    await this.publisher.close()
  }
}
