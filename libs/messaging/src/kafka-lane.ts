import type { Logger } from 'pino'
import { MessagingFault } from './messaging-fault.js'
import type { ConsumerOptions, StoredMessage } from './transport.js'
import { wait } from './wait.js'

/** What one fetch brought of one partition. */
export interface Fetched {
  /** where it begins: kafkajs answers an offset that the log does not have with the log's beginning, without a word */
  readonly from: bigint
  /** the offset after its last message */
  readonly end: bigint
  readonly messages: readonly StoredMessage[]
}

interface Piece {
  readonly messages: readonly StoredMessage[]
  readonly end: bigint
  /** above what was asked for: what lay between is gone */
  readonly gapTo?: bigint
  /** below what was asked for: the log is shorter than it was */
  readonly rewoundTo?: bigint
}

interface LaneParts {
  readonly topic: string
  readonly partition: number
  readonly epoch: number
  readonly next: bigint
  readonly options: Pick<ConsumerOptions, 'onBatch' | 'onRewound'>
  readonly logger: Logger
  onHandled(): void
  /** others have the partition now, for longer than a member could fail to notice */
  onFenced(): void
  /** no more of this partition, until `resume` */
  pause(): void
  resume(): void
}

const BACK_OFF_MS = { first: 50, most: 5_000 }
const MESSAGES_AT_ONCE = 500
/** What may wait here; a lane takes more only of the fetch that goes beyond it. */
const MOST_QUEUED = { messages: 1_000, bytes: 4 * 1024 * 1024 }
/** A member that lost a partition learns so at one of its next heartbeats. */
const FENCED_FOR_MS = 8_000

/**
 * One partition under one assignment. Fetching goes on while a batch is handled, up to a bound, so that a partition that
 * waits holds up no other (kafkajs fetches again only when all of the last fetch is done). In order, one at a time; a
 * batch that fails is tried again and again.
 */
export class KafkaLane {
  private queue: Piece[] = []
  private queued = { messages: 0, bytes: 0 }
  private expected: bigint
  private handled: bigint
  private committed: bigint
  private failing: { readonly reason: string; readonly fencedSince: number | undefined } | undefined
  private work: Promise<void> | undefined
  private paused = false
  private readonly closing = new AbortController()

  constructor(private readonly parts: LaneParts) {
    this.expected = parts.next
    this.handled = parts.next
    this.committed = parts.next
  }

  /** Resolves when everything that was taken is handled. */
  take({ from, end, messages }: Fetched): Promise<void> {
    if (this.closing.signal.aborted) return Promise.resolve()
    const { expected } = this
    const change = from > expected ? { gapTo: from } : from < expected ? { rewoundTo: from } : {}
    if (from < expected)
      this.parts.logger.error({ place: this.place, next: `${expected}`, to: `${from}` }, 'the log lost its end; it is read again')
    this.expected = end
    this.queue.push({ messages, end, ...change })
    this.count(messages, 1)
    if (!this.paused && this.isAbove(1)) {
      this.paused = true
      this.parts.pause()
    }
    this.work ??= this.run().finally(() => {
      this.work = undefined
    })
    return this.work
  }

  /** The log has no messages up to here, only marks. */
  passTo(offset: bigint): void {
    this.expected = offset
    if (this.queue.length === 0 && this.work === undefined) this.handled = offset
  }

  private async run(): Promise<void> {
    for (let piece = this.next(); piece !== undefined; piece = this.next()) {
      if (this.paused && !this.isAbove(0.5)) this.resume()
      if (!(await this.handle(piece))) return
      this.handled = piece.end
      this.parts.onHandled()
    }
  }

  /** As much as goes into one transaction: a part of a large fetch, or several small ones. */
  private next(): Piece | undefined {
    const first = this.queue.shift()
    if (first === undefined || this.closing.signal.aborted) return undefined
    let piece = first
    if (first.messages.length > MESSAGES_AT_ONCE) {
      const rest = first.messages.slice(MESSAGES_AT_ONCE)
      this.queue.unshift({ messages: rest, end: first.end })
      piece = { ...first, messages: first.messages.slice(0, MESSAGES_AT_ONCE), end: rest[0]?.offset ?? first.end }
    }
    for (let other = this.queue[0]; other !== undefined && fits(piece, other); other = this.queue[0]) {
      this.queue.shift()
      piece = { ...piece, messages: [...piece.messages, ...other.messages], end: other.end }
    }
    this.count(piece.messages, -1)
    return piece
  }

  /** False: the lane was closed before it was done. */
  private async handle({ messages, gapTo, rewoundTo }: Piece): Promise<boolean> {
    const { topic, partition, epoch, options } = this.parts
    let isRewound = rewoundTo === undefined
    for (let ms = BACK_OFF_MS.first; !this.closing.signal.aborted; ms = Math.min(ms * 2, BACK_OFF_MS.most)) {
      try {
        if (!isRewound && rewoundTo !== undefined) await options.onRewound?.({ topic, partition, to: rewoundTo, epoch })
        isRewound = true
        await options.onBatch({ topic, partition, messages, epoch, ...(gapTo === undefined ? {} : { gapTo }) })
        this.failing = undefined
        return !this.closing.signal.aborted
      } catch (error) {
        if (this.closing.signal.aborted) return false
        this.fail(error, ms)
        await wait(ms, this.closing.signal)
      }
    }
    return false
  }

  private fail(error: unknown, ms: number): void {
    const isFenced = error instanceof MessagingFault && error.code === 'fenced'
    const fencedSince = isFenced ? (this.failing?.fencedSince ?? performance.now()) : undefined
    this.failing = { reason: `${this.place}: ${error instanceof Error ? error.message : String(error)}`, fencedSince }
    this.parts.logger.warn({ err: error, place: this.place, ms }, 'a batch waits and is tried again')
    if (fencedSince !== undefined && performance.now() - fencedSince > FENCED_FOR_MS) this.parts.onFenced()
  }

  private get place(): string {
    return `${this.parts.topic}/${this.parts.partition}`
  }

  private count(messages: readonly StoredMessage[], sign: 1 | -1): void {
    this.queued.messages += sign * messages.length
    for (const { value } of messages) this.queued.bytes += sign * (value?.length ?? 0)
  }

  private isAbove(share: number): boolean {
    return this.queued.messages > MOST_QUEUED.messages * share || this.queued.bytes > MOST_QUEUED.bytes * share
  }

  private resume(): void {
    this.paused = false
    this.parts.resume()
  }

  /** Of what is handled for good, for Kafka to know; undefined: nothing since the last call. */
  newlyHandled(): bigint | undefined {
    if (this.handled === this.committed) return undefined
    this.committed = this.handled
    return this.handled
  }

  position(): bigint {
    return this.handled
  }

  trouble(): string | undefined {
    return this.failing?.reason
  }

  /** Nothing more is begun, what waits is dropped; resolves when what runs has ended. */
  async close(): Promise<void> {
    this.closing.abort()
    this.queue = []
    if (this.paused) this.resume()
    await this.work
  }
}

/** A change of the log stands at the beginning of a batch, never within one. */
const fits = (piece: Piece, { messages, gapTo, rewoundTo }: Piece): boolean =>
  gapTo === undefined && rewoundTo === undefined && piece.messages.length + messages.length <= MESSAGES_AT_ONCE
