import { setTimeout as delay } from 'node:timers/promises'
import type { CustomTransportStrategy, Server } from '@nestjs/microservices'
import { catalog, type EventType, type ServiceName } from '@weir/contracts'
import { isTransient, type Database } from '@weir/persistence'
import type { Logger } from 'pino'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { BatchProcessor } from './batch-processor.js'
import { BatchServer } from './batch-server.js'
import { Gatherer } from './gatherer.js'
import { GroupMembers } from './group-members.js'
import { groupOf, parkedTopicOf } from './kafka-access.js'
import { MessagingFault } from './messaging-fault.js'
import { Outbox } from './outbox.js'
import type { Consumer, PartitionBatch, PartitionLag, Transport } from './transport.js'
import { OutboxUnitOfWork } from './unit-of-work-runner.js'
import type { Tracing } from './tracing.js'
import type { UnitOfWorkRunner } from './unit-of-work.js'

export interface MessageRuntimeOptions {
  readonly definition: {
    readonly name: ServiceName
    readonly consumes: readonly (EventType | 'weir.intake')[]
    readonly produces: readonly EventType[]
    readonly onFailure: 'park' | 'stop'
    readonly gatherMs?: number
  }
  readonly transport: Transport
  readonly database: Database
  readonly logger: Logger
  readonly metrics: Registry
  /** A handler that has not ended by then failed; default 60 s, above the statement timeout. */
  readonly handlerTimeoutMs?: number
  /** absent: nobody writes down what happens to events */
  readonly tracing?: Tracing | undefined
}

export interface MessageRuntime {
  /** given to Nest, which registers the `@EventPattern` handlers with it */
  readonly strategy: CustomTransportStrategy & Server
  readonly unitOfWork: UnitOfWorkRunner
  /** after the handlers are registered: sweeps the outbox, then consumes */
  start(): Promise<void>
  /** stops consuming, waits for running batches, publishes what the outbox holds */
  drain(): Promise<void>
  /** undefined: consuming. Else the reason for /readyz. */
  trouble(): string | undefined
  /** how long the oldest event has been waiting to be published; 0 where none waits */
  outboxAgeMs(): number
  /** How far this service is behind in what it reads; rejects while the log does not answer. */
  lag(): Promise<readonly PartitionLag[]>
  /** Handles a key's parked messages again; the number of messages. Rejects, and parks nothing anew, if one still fails. */
  redrive(key: string): Promise<number>
  /**
   * For a log that lost its end: publishes again what was published within the last minutes, and tries again what was
   * refused as too large. The number of events. Later events of a key that are out already come before them.
   */
  republish(minutes: number): Promise<number>
  /** Accepts that messages are gone from a partition that stands still for it: goes on where the log begins. Undefined: it does not. */
  skipGap(at: { readonly topic: string; readonly partition: number }): Promise<{ readonly from: string; readonly to: string } | undefined>
}

const SWEEP_EVERY_MS = 5_000
const MARK_EVERY_MS = 100
const DRAIN_MS = 5_000
const ATTEMPTS = 3
const HANDLER_MS = 60_000
const MESSAGES_AT_ONCE = 512
const LAG_WITHIN_MS = 2_000

/** The one-transaction runtime of a service, on either transport. */
export function createMessageRuntime(options: MessageRuntimeOptions): MessageRuntime {
  return new Runtime(options)
}

class Runtime implements MessageRuntime {
  readonly strategy = new BatchServer()
  readonly unitOfWork: OutboxUnitOfWork
  private readonly outbox: Outbox
  private readonly processor: BatchProcessor
  private readonly timers: NodeJS.Timeout[] = []
  private readonly attempts = new Map<string, number>()
  private consumer: Consumer | undefined
  /** where partitions go on once somebody accepts that messages are gone */
  private readonly gaps = new Map<string, bigint>()
  /** of a service that stops at a failure: partitions that cannot go on, and why */
  private readonly stopped = new Map<string, string>()

  constructor(private readonly options: MessageRuntimeOptions) {
    const { definition, transport, database, logger, metrics, tracing } = options
    const meters = metersOf(metrics, {
      depth: () => this.outbox.depth(),
      ageMs: () => this.outbox.ageMs(),
      lag: () => this.lag(),
    })
    this.outbox = new Outbox({ database, transport, logger, tracing, onPublished: (_count, seconds) => meters.relay.observe(seconds) })
    this.unitOfWork = new OutboxUnitOfWork({ database, outbox: this.outbox, source: `/weir/${definition.name}`, logger })
    this.processor = new BatchProcessor({
      service: definition.name,
      consumes: new Set(definition.consumes),
      mayPark: definition.onFailure === 'park',
      handlerTimeoutMs: options.handlerTimeoutMs ?? HANDLER_MS,
      server: this.strategy,
      unitOfWork: this.unitOfWork,
      tracing,
      onHandled: (topic, count) => meters.handled.inc({ topic }, count),
      onParked: (topic, error) => {
        meters.parked.inc({ topic })
        logger.error({ topic, error }, 'a message was parked')
      },
    })
  }

  async start(): Promise<void> {
    const { definition, transport, logger, database } = this.options
    refuseHandlerGaps(definition, [...this.strategy.getHandlers().keys()])
    const topics = topicsOf(definition.consumes)
    const written = definition.produces.map((type) => catalog[type].topic)
    await transport.ensureTopics([...new Set([...topics, ...topics.map(parkedTopicOf), ...written])])
    await this.outbox.open()
    this.every(MARK_EVERY_MS, () => this.outbox.markPublished())
    this.every(SWEEP_EVERY_MS, async () => {
      await this.outbox.sweep({ all: false })
      await this.outbox.discardOld()
    })
    if (topics.length === 0) return
    const gatherer = new Gatherer<PartitionBatch, void>({
      together: async (batches) => {
        // By topic, so that events of one type reach their handler together; partitions promise no order among each other.
        await this.processor.process(batches.toSorted((a, b) => a.topic.localeCompare(b.topic)))
        return batches.map(() => undefined)
      },
      alone: (batch) => (definition.onFailure === 'stop' ? this.processor.process([batch]) : this.handle(batch)),
      most: MESSAGES_AT_ONCE,
      sizeOf: ({ messages }) => messages.length,
      nameOf: placeOf,
      ...(definition.gatherMs === undefined ? {} : { waitMs: definition.gatherMs }),
    })
    this.consumer = await transport.consume({
      group: groupOf(definition.name),
      topics,
      memberships: new GroupMembers(database),
      onAssigned: (partitions) => this.assigned(partitions),
      onRewound: (at) => this.rewound(at),
      onBatch: (batch) => this.watch(batch, gatherer.add(batch)),
    })
    logger.info({ topics }, 'consuming')
  }

  /** A new epoch per assignment: batches of an earlier owner are fenced off from now on. */
  private async assigned(partitions: readonly { topic: string; partition: number }[]) {
    const rows = await this.options.database.query<{ topic: string; partition: number; next_offset: string; epoch: string }>(
      `insert into consumer_offset as o (topic, partition, epoch) select t, p, 1 from unnest($1::text[], $2::int[]) as w (t, p)
       on conflict (topic, partition) do update set epoch = o.epoch + 1 returning topic, partition, next_offset, epoch`,
      [partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)],
    )
    // What the former owner of these partitions left goes out before anything new of the same keys.
    await this.outbox.sweep({ all: true })
    return rows.map((row) => ({
      topic: row.topic,
      partition: row.partition,
      nextOffset: BigInt(row.next_offset),
      epoch: Number(row.epoch),
    }))
  }

  /** What was handled before comes again and is absorbed by the inbox, which remembers longer than topics keep. */
  private async rewound(at: {
    readonly topic: string
    readonly partition: number
    readonly to: bigint
    readonly epoch: number
  }): Promise<void> {
    await this.options.database.query(
      'update consumer_offset set next_offset = $3 where topic = $1 and partition = $2 and epoch = $4 and next_offset > $3',
      [at.topic, at.partition, at.to.toString(), at.epoch],
    )
  }

  /** Where order is meaning, a partition whose batch fails by itself stands still, and says so until it goes on. */
  private async watch(batch: PartitionBatch, handled: Promise<void>): Promise<void> {
    const place = placeOf(batch)
    try {
      await handled
      this.stopped.delete(place)
      this.gaps.delete(place)
    } catch (error) {
      if (isGap(error) && batch.gapTo !== undefined) {
        this.gaps.set(place, batch.gapTo)
        this.options.logger.fatal({ err: error, place }, 'messages are gone: this partition stands still until somebody accepts it')
      }
      if (this.options.definition.onFailure === 'stop' && !isTransient(error) && !isAboutPosition(error)) {
        this.stopped.set(place, `stopped at ${place}: ${messageOf(error)}`)
        this.options.logger.fatal({ err: error, place }, 'order is meaning here: this partition stands still until this is mended')
      }
      throw error
    }
  }

  /** Infrastructure faults reject, and the transport waits. A batch that fails by itself is halved down to the culprit. */
  private async handle(batch: PartitionBatch): Promise<void> {
    try {
      await this.processor.process([batch])
    } catch (error) {
      if (isTransient(error) || isAboutPosition(error)) throw error
      const half = batch.messages.length >> 1
      if (half > 0) {
        await this.handle({ ...batch, messages: batch.messages.slice(0, half) })
        await this.handle({ ...batch, messages: batch.messages.slice(half) })
      } else await this.handleCulprit(batch, error)
    }
  }

  private async handleCulprit(batch: PartitionBatch, error: unknown): Promise<void> {
    const place = `${batch.topic}/${batch.partition}@${batch.messages[0]?.offset}`
    const attempt = (this.attempts.get(place) ?? 0) + 1
    this.options.logger.error({ err: error, place, attempt }, 'a message failed')
    if (attempt < ATTEMPTS) {
      this.attempts.set(place, attempt)
      return this.handle(batch)
    }
    this.attempts.delete(place)
    return this.processor.setAside(batch, messageOf(error))
  }

  private every(ms: number, work: () => Promise<void>): void {
    let running = false
    const timer = setInterval(() => {
      if (running) return
      running = true
      work()
        .catch((error: unknown) => this.options.logger.warn({ err: error }, 'upkeep of the outbox failed; it is tried again'))
        .finally(() => {
          running = false
        })
    }, ms)
    this.timers.push(timer)
  }

  async drain(): Promise<void> {
    await this.consumer?.stop()
    this.consumer = undefined
    for (const timer of this.timers) clearInterval(timer)
    await this.outbox.drain(DRAIN_MS)
  }

  trouble(): string | undefined {
    return this.stopped.values().next().value ?? this.consumer?.trouble()
  }

  outboxAgeMs(): number {
    return this.outbox.ageMs()
  }

  async lag(): Promise<readonly PartitionLag[]> {
    const late = new AbortController()
    const asked = this.consumer?.lag() ?? Promise.resolve([])
    // A rejection that comes after the time is nobody's.
    asked.catch(() => undefined)
    try {
      return await Promise.race([asked, tooLate(late.signal)])
    } finally {
      late.abort()
    }
  }

  redrive(key: string): Promise<number> {
    return this.processor.redrive(key)
  }

  republish(minutes: number): Promise<number> {
    return this.outbox.republish(minutes)
  }

  async skipGap(at: { readonly topic: string; readonly partition: number }) {
    const to = this.gaps.get(`${at.topic}/${at.partition}`)?.toString()
    if (to === undefined) return undefined
    const rows = await this.options.database.query<{ before: string }>(
      `update consumer_offset o set next_offset = $3::bigint
       from (select next_offset as before from consumer_offset where topic = $1 and partition = $2 for update) b
       where o.topic = $1 and o.partition = $2 and o.next_offset < $3::bigint returning b.before::text as before`,
      [at.topic, at.partition, to],
    )
    const from = rows[0]?.before
    if (from === undefined) return undefined
    this.options.logger.fatal({ ...at, from, to }, 'somebody accepted that these messages are gone')
    return { from, to }
  }
}

const placeOf = ({ topic, partition }: PartitionBatch): string => `${topic}/${partition}`
async function tooLate(signal: AbortSignal): Promise<never> {
  await delay(LAG_WITHIN_MS, undefined, { signal })
  throw new MessagingFault({ code: 'broker-unreachable', message: `the log did not tell its ends within ${LAG_WITHIN_MS} ms` })
}
const isGap = (error: unknown): boolean => error instanceof MessagingFault && error.code === 'log-gap'
/** Of the place in the log, not of its messages: nothing is parked. */
const isAboutPosition = (error: unknown): boolean => isGap(error) || (error instanceof MessagingFault && error.code === 'fenced')
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function topicsOf(consumes: readonly (EventType | 'weir.intake')[]): string[] {
  return [...new Set(consumes.map((type) => (type === 'weir.intake' ? type : catalog[type].topic)))]
}

/** An event without a handler would be consumed and lost; a handler without a subscription would never run. */
function refuseHandlerGaps(definition: MessageRuntimeOptions['definition'], handled: readonly string[]): void {
  const declared: readonly string[] = [...definition.consumes].sort()
  if (declared.join() === [...handled].sort().join()) return
  throw new Error(
    `${definition.name} does not start: its handlers are not those it declares.\nconsumes: ${declared.join(', ')}\nhandlers: ${[...handled].sort().join(', ')}`,
  )
}

interface Gauged {
  depth(): number
  ageMs(): number
  lag(): Promise<readonly PartitionLag[]>
}

function gauges(registers: Registry[], gauged: Gauged): void {
  new Gauge({
    name: 'weir_outbox_depth',
    help: 'events committed and not published yet',
    registers,
    collect() {
      this.set(gauged.depth())
    },
  })
  new Gauge({
    name: 'weir_outbox_age_seconds',
    help: 'how long the oldest event has been waiting to be published',
    registers,
    collect() {
      this.set(gauged.ageMs() / 1000)
    },
  })
  new Gauge({
    name: 'weir_consumer_lag_messages',
    help: 'messages of a partition that this service has not handled yet; absent while the log does not tell',
    labelNames: ['topic', 'partition'],
    registers,
    async collect() {
      const lags = await gauged.lag().catch(() => [])
      this.reset()
      for (const { topic, partition, messages } of lags) this.set({ topic, partition }, messages)
    },
  })
}

function metersOf(metrics: Registry, gauged: Gauged) {
  const registers = [metrics]
  gauges(registers, gauged)
  return {
    handled: new Counter({ name: 'weir_messages_handled_total', help: 'messages handled', labelNames: ['topic'], registers }),
    parked: new Counter({ name: 'weir_parked_total', help: 'messages set aside', labelNames: ['topic'], registers }),
    relay: new Histogram({
      name: 'weir_relay_seconds',
      help: 'time of one publish of the relay',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
  }
}
