import { Partitioners, type Kafka, type Producer } from 'kafkajs'
import { Gatherer } from './gatherer.js'
import { MessagingFault } from './messaging-fault.js'
import { refuseOversized, sizeOf } from './message-size.js'
import { partitionOf } from './murmur2.js'
import type { OutgoingMessage } from './transport.js'

interface PublisherParts {
  readonly kafka: Pick<Kafka, 'producer'>
  readonly prefix: string
  readonly partitions: number
}

const CHUNK_BYTES = 1_000_000
const MESSAGES_AT_ONCE = 1_000

/** kafkajs's producer, one request in flight: what is published meanwhile makes up the next one. */
export class KafkaPublisher {
  private producer: Promise<Producer> | undefined
  private lost: string | undefined
  private readonly gatherer = new Gatherer<readonly OutgoingMessage[], void>({
    together: async (all) => {
      await this.send(all.flat())
      return all.map(() => undefined)
    },
    alone: (messages) => this.send(messages),
    most: MESSAGES_AT_ONCE,
    sizeOf: ({ length }) => length,
  })

  constructor(private readonly parts: PublisherParts) {}

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    refuseOversized(messages)
    if (messages.length > 0) await this.gatherer.add(messages)
  }

  private async send(messages: readonly OutgoingMessage[]): Promise<void> {
    try {
      for (const chunk of chunksOf(messages)) {
        const producer = await this.connected()
        await producer.sendBatch({ topicMessages: this.byTopic(chunk), acks: -1 })
      }
      this.lost = undefined
    } catch (error) {
      // The topic's own limit is lower: the broker answers, and says no.
      if (isTooLarge(error)) {
        const message = `the broker refuses a message as too large: ${String(error)}`
        throw new MessagingFault({ code: 'message-too-large', message, cause: error })
      }
      this.lost = error instanceof Error ? error.message : String(error)
      // kafkajs asks for every topic it ever wrote to: one that was deleted would fail all others for ever (tulios/kafkajs#1622).
      await this.close()
      throw error
    }
  }

  private byTopic(messages: readonly OutgoingMessage[]) {
    return [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, all]) => ({
      topic: this.parts.prefix + topic,
      messages: all.map(({ key, headers, value }) => ({
        key,
        headers: { ...headers },
        value,
        partition: partitionOf(key, this.parts.partitions),
      })),
    }))
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.connect().catch((error: unknown) => {
      this.producer = undefined
      throw error
    })
    return this.producer
  }

  private async connect(): Promise<Producer> {
    // Not idempotent: its state cannot be mended after some errors, and the inbox absorbs what is sent twice.
    const producer = this.parts.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: false,
      maxInFlightRequests: 1,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    })
    await producer.connect()
    return producer
  }

  trouble(): string | undefined {
    return this.lost
  }

  async close(): Promise<void> {
    const producer = await this.producer?.catch(() => undefined)
    this.producer = undefined
    await producer?.disconnect().catch(() => undefined)
  }
}

function isTooLarge(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('type' in error && (error.type === 'MESSAGE_TOO_LARGE' || error.type === 'RECORD_LIST_TOO_LARGE')) return true
  return 'cause' in error && isTooLarge(error.cause)
}

/** In order, one after the other: all of a request's messages of a partition are one record batch, which brokers limit to 1 MiB. */
function chunksOf(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const chunks: OutgoingMessage[][] = []
  let room = 0
  for (const message of messages) {
    const size = sizeOf(message)
    if (size > room) {
      chunks.push([])
      room = CHUNK_BYTES
    }
    room -= size
    chunks.at(-1)?.push(message)
  }
  return chunks
}
