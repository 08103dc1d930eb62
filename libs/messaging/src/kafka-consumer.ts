import type { Consumer as KafkajsConsumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs'
import { isTransient } from '@weir/persistence'
import type { Logger } from 'pino'
import type { FormerMember } from './former-member.js'
import type { LogPosition } from './log-lag.js'
import { isRefused } from './kafka-client.js'
import { withBroker } from './kafka-cluster.js'
import { KafkaLane } from './kafka-lane.js'
import { storedMessage } from './kafka-message.js'
import { passFailpoint } from './test-switch.js'
import type { ConsumerOptions } from './transport.js'
import { atMost, wait } from './wait.js'

export interface KafkaConsumerTuning {
  /** how long a member that says nothing keeps its partitions; default 10 s. Brokers have a least and a most. */
  readonly sessionTimeoutMs?: number
  /** how long it may show no sign of life before it is replaced; default 45 s */
  readonly silentMs?: number
  /** deaths in a row before a fresh process is asked for; default 12, about two minutes */
  readonly mostDeaths?: number
}

interface KafkaConsumerParts {
  readonly kafka: Kafka
  readonly logger: Logger
  readonly prefix: string
  readonly partitions: number
  readonly options: ConsumerOptions
  readonly tuning?: KafkaConsumerTuning
  readonly former?: Pick<FormerMember, 'leave' | 'remember'> | undefined
  /** it dies again and again, though the broker and the database answer */
  onGivenUp(reason: string): void
}

/** What kafkajs hands over, with what its types leave out. */
type FetchedBatch = EachBatchPayload['batch'] & { readonly fetchedOffset: string | { toString(): string } }

const HEARTBEAT_MS = 2_000
const COMMIT_EVERY_MS = 1_000
/** Also how long a dead member holds its partitions. */
const SESSION_MS = 10_000
/** How long the next fetch waits for the last one, so that what comes meanwhile comes together. */
const PATIENCE_MS = 25
const REPLACE_MS = { first: 500, most: 10_000 }
/** Fetches and heartbeats come several times a second. Without any for so long it is dead, whatever kafkajs believes. */
const SILENT_MS = 45_000
const WATCH_MS = 5_000
/** Longer than any fetch or heartbeat takes, shorter than what makes the group give the partitions to others. */
const QUIET_MS = 9_000
/** A member that hangs is left behind: the epochs fence it off. */
const LEAVE_MS = 5_000
const MOST_DEATHS = 12
/** A consumer that had its partitions for so long was well: its death begins a new row. */
const STEADY_MS = 60_000

/**
 * kafkajs's consumer, kept alive: positions come from the database at every assignment, offsets are committed to Kafka
 * behind it and only advise, each partition has a lane of its own, and a consumer that dies is replaced by a new one.
 */
export class KafkaConsumer {
  private consumer: KafkajsConsumer | undefined
  private readonly lanes = new Map<string, KafkaLane>()
  /** Of topics that were deleted: another one of the name begins at 0, however far it has come since. */
  private readonly anew = new Set<string>()
  private assignment: Promise<void> = Promise.resolve()
  private assignments = 0
  private assignedAt: number | undefined
  private readonly timers: NodeJS.Timeout[] = []
  private seen = performance.now()
  private deaths = 0
  private halted: string | undefined
  private broken: string | undefined
  private replacing = false
  /** why the consumer that is just being put in place is dead already */
  private stillborn: Error | undefined
  private stopping = false

  constructor(private readonly parts: KafkaConsumerParts) {}

  async start(): Promise<void> {
    await this.parts.former?.leave()
    await this.connect()
    this.timers.push(
      setInterval(() => void this.commit(), COMMIT_EVERY_MS),
      setInterval(() => this.listenForLife(), WATCH_MS),
    )
  }

  private listenForLife(): void {
    const silentMs = performance.now() - this.seen
    if (silentMs < (this.parts.tuning?.silentMs ?? SILENT_MS) || this.replacing || this.stopping || this.consumer === undefined) return
    void this.died(this.consumer, new Error(`the consumer was silent for ${Math.round(silentMs / 1000)} s`))
  }

  /** Stops consuming for as long as there is a reason to. */
  halt(reason: string | undefined): void {
    this.halted = reason
    if (reason !== undefined && this.consumer !== undefined && !this.stopping) void this.replace(this.consumer)
  }

  beginAnew(topic: string): void {
    for (let partition = 0; partition < this.parts.partitions; partition += 1) this.anew.add(`${topic}/${partition}`)
  }

  private async died(consumer: KafkajsConsumer, error: Error): Promise<void> {
    if (this.consumer !== consumer || this.stopping) return
    if (this.replacing) {
      this.stillborn = error
      return
    }
    await this.replace(consumer, error)
  }

  private async mourn(death: unknown): Promise<void> {
    const error = isWithoutCoordinator(death) ? ((await this.whyNoCoordinator()) ?? death) : death
    this.broken = error instanceof Error ? error.message : String(error)
    this.parts.logger.error({ err: error }, 'the consumer died and is replaced')
    // What waits for the broker or the database would only wait again in a fresh process.
    if (isAway(error) || this.halted !== undefined) return
    this.deaths += 1
    const most = this.parts.tuning?.mostDeaths ?? MOST_DEATHS
    if (this.deaths === most) this.parts.onGivenUp(`the consumer died ${most} times in a row, last: ${this.broken}`)
  }

  /** kafkajs finds no coordinator, whatever the brokers said to it. Undefined: they find one now. */
  private async whyNoCoordinator(): Promise<unknown> {
    const { kafka, prefix, options } = this.parts
    const group = prefix + options.group
    try {
      await withBroker(kafka, (broker: CoordinatorFinder) => broker.findGroupCoordinator({ groupId: group, coordinatorType: 0 }))
      return undefined
    } catch (error) {
      return isRefused(error) ? new Error(`the login has no right to the group ${group}`, { cause: error }) : error
    }
  }

  private async connect(): Promise<void> {
    const { kafka, options, prefix, partitions } = this.parts
    const consumer = kafka.consumer({
      groupId: prefix + options.group,
      allowAutoTopicCreation: false,
      minBytes: 1,
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: 1024 * 1024,
      sessionTimeout: this.parts.tuning?.sessionTimeoutMs ?? SESSION_MS,
      rebalanceTimeout: 30_000,
      heartbeatInterval: HEARTBEAT_MS,
      // A crash is handled below, by a new consumer: kafkajs's own restart gives up on some errors without a word.
      retry: { retries: 8, restartOnFailure: () => Promise.resolve(false) },
    })
    this.consumer = consumer
    this.stillborn = undefined
    this.observe(consumer)
    await consumer.connect()
    await consumer.subscribe({ topics: options.topics.map((topic) => prefix + topic), fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.topics.length * partitions,
      eachBatch: (payload) => (this.consumer === consumer ? this.onBatch(payload) : Promise.resolve()),
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
      this.onJoin(consumer, payload)
    })
    // kafkajs moves past what holds no messages (marks of foreign transactions) by itself.
    consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0 && this.consumer === consumer)
        this.lanes.get(`${payload.topic.slice(this.parts.prefix.length)}/${payload.partition}`)?.passTo(BigInt(payload.lastOffset) + 1n)
    })
    consumer.on(events.CRASH, ({ payload }) => void this.died(consumer, payload.error))
  }

  /** `death`: absent when it was well. */
  private async replace(dead: KafkajsConsumer, death?: Error): Promise<void> {
    if (this.replacing) return
    this.replacing = true
    const assignedAt = this.assignedAt
    this.dropLanes()
    await leave(dead)
    if (death !== undefined) {
      if (assignedAt !== undefined && performance.now() - assignedAt > STEADY_MS) this.deaths = 0
      await this.mourn(death)
    }
    let waitMs = REPLACE_MS.first + Math.min(this.deaths * 1_000, REPLACE_MS.most)
    for (; !this.stopping; waitMs = Math.min(waitMs * 2, REPLACE_MS.most)) {
      await wait(this.halted === undefined ? waitMs : REPLACE_MS.first)
      if (this.stopping) break
      if (this.halted !== undefined) continue
      try {
        await this.connect()
        // kafkajs tells of some deaths only by an event, also of those before it ran.
        if (this.stillborn !== undefined) throw this.stillborn
        this.seen = performance.now()
        break
      } catch (error) {
        this.dropLanes()
        await this.mourn(error)
        if (this.consumer !== undefined) await leave(this.consumer)
      }
    }
    this.replacing = false
    if (this.halted !== undefined && this.consumer !== undefined && !this.stopping) void this.replace(this.consumer)
  }

  private onJoin(consumer: KafkajsConsumer, joined: ConsumerGroupJoinEvent['payload']): void {
    if (this.consumer !== consumer || this.stopping) return
    const { prefix, options, logger, former } = this.parts
    const partitions = Object.entries(joined.memberAssignment).flatMap(([topic, all]) =>
      all.map((partition) => ({ topic: topic.slice(prefix.length), partition })),
    )
    this.dropLanes()
    const assignment = ++this.assignments
    // Whoever is said to have partitions has noted whose they are: it may be killed in the next moment.
    this.assignment = Promise.all([options.onAssigned(partitions), former?.remember(joined.memberId)])
      .then(([positions]) => {
        // An answer that comes after the next assignment has epochs that count no more.
        if (this.assignments !== assignment || this.consumer !== consumer || this.stopping) return
        for (const position of positions) this.openLane(consumer, position)
        this.broken = undefined
        this.assignedAt = performance.now()
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'positions could not be read; the consumer is replaced')
        void this.died(consumer, new Error('positions could not be read', { cause: error }))
      })
  }

  private openLane(consumer: KafkajsConsumer, position: Awaited<ReturnType<ConsumerOptions['onAssigned']>>[number]): void {
    const { prefix, options, logger } = this.parts
    const { topic, partition, nextOffset, epoch } = position
    const place = `${topic}/${partition}`
    const lane = new KafkaLane({
      topic,
      partition,
      epoch,
      next: nextOffset,
      options,
      logger,
      onHandled: () => {
        this.deaths = 0
        this.anew.delete(place)
      },
      onFenced: () => void this.died(consumer, new Error(`${place} is fenced off, though the group assigns it here`)),
      pause: () => consumer.pause([{ topic: prefix + topic, partitions: [partition] }]),
      resume: () => consumer.resume([{ topic: prefix + topic, partitions: [partition] }]),
    })
    this.lanes.set(place, lane)
    // Always, also to 0: Kafka's own offset may be ahead of a database that was restored.
    const offset = this.anew.has(place) ? '0' : nextOffset.toString()
    consumer.seek({ topic: prefix + topic, partition, offset })
  }

  private dropLanes(): void {
    for (const lane of this.lanes.values()) void lane.close()
    this.lanes.clear()
    this.assignedAt = undefined
  }

  /** Never throws: kafkajs would give up after five tries. Returns before the batch is done; its lane goes on. */
  private async onBatch({ batch, heartbeat, isRunning, isStale, resolveOffset }: EachBatchPayload): Promise<void> {
    const beat = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS)
    await this.assignment
    clearInterval(beat)
    const at = { topic: batch.topic.slice(this.parts.prefix.length), partition: batch.partition }
    const lane = this.lanes.get(`${at.topic}/${at.partition}`)
    // A seek that came after this fetch makes it stale: the database's position counts.
    if (lane === undefined || !isRunning() || isStale()) return
    const handled = lane.take({
      from: BigInt((batch as FetchedBatch).fetchedOffset.toString()),
      end: BigInt(batch.lastOffset()) + 1n,
      messages: batch.messages.map((message) => storedMessage(message, at)),
    })
    resolveOffset(batch.lastOffset())
    await atMost(PATIENCE_MS, handled)
  }

  private async commit(): Promise<void> {
    if (this.consumer === undefined) return
    const offsets = [...this.lanes].flatMap(([place, lane]) => {
      const offset = lane.newlyHandled()
      if (offset === undefined) return []
      const at = place.lastIndexOf('/')
      return [{ topic: this.parts.prefix + place.slice(0, at), partition: Number(place.slice(at + 1)), offset: offset.toString() }]
    })
    if (offsets.length === 0) return
    passFailpoint('before-offsets')
    await this.consumer.commitOffsets(offsets).catch((error: unknown) => {
      this.parts.logger.debug({ err: error }, 'offsets were not committed to Kafka; the database knows them')
    })
    passFailpoint('after-offsets')
  }

  trouble(): string | undefined {
    return this.halted ?? this.broken ?? this.idle() ?? this.waiting()
  }

  private idle(): string | undefined {
    if (this.assignedAt === undefined) return 'the group has not assigned it partitions yet'
    const quietMs = performance.now() - this.seen
    return quietMs > QUIET_MS ? `no sign of life from its broker for ${Math.floor(quietMs / 1000)} s` : undefined
  }

  positions(): readonly LogPosition[] {
    return [...this.lanes].map(([place, lane]) => {
      const at = place.lastIndexOf('/')
      return { topic: place.slice(0, at), partition: Number(place.slice(at + 1)), next: lane.position() }
    })
  }

  private waiting(): string | undefined {
    for (const lane of this.lanes.values()) if (lane.trouble() !== undefined) return lane.trouble()
    return undefined
  }

  async stop(): Promise<void> {
    this.stopping = true
    for (const timer of this.timers) clearInterval(timer)
    await Promise.all([...this.lanes.values()].map((lane) => lane.close()))
    // A consumer that has stopped commits nothing any more.
    await atMost(LEAVE_MS, this.commit())
    if (this.consumer !== undefined) await leave(this.consumer)
  }
}

const leave = (consumer: KafkajsConsumer): Promise<void> =>
  atMost(
    LEAVE_MS,
    consumer.disconnect().catch(() => undefined),
  )

interface CoordinatorFinder {
  findGroupCoordinator(of: { readonly groupId: string; readonly coordinatorType: number }): Promise<unknown>
}

const isWithoutCoordinator = (error: unknown): boolean => error instanceof Error && error.name === 'KafkaJSGroupCoordinatorNotFound'

const AWAY = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
])

/** Whether the broker or the database does not answer, so that nothing of this process is at fault. */
function isAway(error: unknown): boolean {
  if (isTransient(error)) return true
  if (!(error instanceof Error)) return false
  return AWAY.has(error.name) || isAway(error.cause)
}
