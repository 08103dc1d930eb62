import type { Transaction } from '@weir/persistence'
import type { BatchServer } from './batch-server.js'
import { decodeMessage, type Decoded } from './event-codec.js'
import { fence, type Fenced } from './fence.js'
import { MessagingFault } from './messaging-fault.js'
import { park, storable, unpark, type ParkedMessage } from './parking.js'
import { runsOf } from './runs.js'
import { planted } from './test-switch.js'
import type { HandlingTrace, Tracing } from './tracing.js'
import type { PartitionBatch, StoredMessage } from './transport.js'
import type { OpenUnit, OutboxUnitOfWork } from './unit-of-work-runner.js'

interface ProcessorParts {
  readonly service: string
  readonly consumes: ReadonlySet<string>
  /** false: a message that cannot be handled stops the service instead (the ledger: order is meaning) */
  readonly mayPark: boolean
  /** a handler that waits for something that never comes would hold up everything for ever */
  readonly handlerTimeoutMs: number
  readonly server: BatchServer
  readonly unitOfWork: OutboxUnitOfWork
  readonly tracing?: Tracing | undefined
  onHandled(topic: string, count: number): void
  onParked(topic: string, error: string): void
}

type Decodable = Exclude<Decoded, { kind: 'foreign' }>

/** A message that this service consumes, as far as it can be told without the database. */
interface Read {
  readonly message: StoredMessage
  /** absent: it can never be handled, for the reason in `refusal` */
  readonly decoded?: Decodable
  readonly refusal?: string
}

interface Readable extends Read {
  readonly decoded: Decodable
}

interface Dispatched {
  readonly fresh: readonly Readable[]
  readonly trace?: HandlingTrace | undefined
  placeOf(one: Readable): string
}

/** One transaction per call: fence, inbox, handlers, outbox. */
export class BatchProcessor {
  constructor(private readonly parts: ProcessorParts) {}

  process(batches: readonly PartitionBatch[]): Promise<void> {
    const { tracing } = this.parts
    return tracing === undefined ? this.run(batches) : traced(tracing, (trace) => this.run(batches, trace))
  }

  private async run(batches: readonly PartitionBatch[], trace?: HandlingTrace): Promise<void> {
    const { service, unitOfWork } = this.parts
    const read = this.read(batches.flatMap(({ messages }) => messages))
    const begin = planted('offset-before-commit') ? await this.moveFirst(batches, read) : (tx: Transaction) => fenced(tx, { batches, read })
    await unitOfWork.open({ name: service, begin }, async (unit, at) => {
      await this.park(unit, setAside(read, at))
      const left = new Set(at.unseen)
      const fresh = read
        .filter(isReadable)
        .filter((one) => !at.isBehind(one.message) && !isBlocked(one, at.blocked) && takeFirst(one, left))
      await this.dispatch(unit, { fresh, trace, placeOf: ({ message }) => `${message.topic}/${message.partition}` })
    })
  }

  /** Planted: the position is moved for good before the work is done. */
  private async moveFirst(batches: readonly PartitionBatch[], read: readonly Read[]) {
    const begin = (tx: Transaction) => fenced(tx, { batches, read })
    const moved = await this.parts.unitOfWork.open({ name: this.parts.service, begin }, (_unit, at) => Promise.resolve(at))
    return () => Promise.resolve({ now: moved.now, context: moved })
  }

  /** The culprit of a batch, set aside for good in the transaction that moves past it. */
  async setAside(batch: PartitionBatch, error: string): Promise<void> {
    const begin = (tx: Transaction) => fenced(tx, { batches: [batch], read: [] })
    await this.parts.unitOfWork.open({ name: this.parts.service, begin }, async (unit, at) => {
      const left = batch.messages.filter((message) => !at.isBehind(message))
      await this.park(
        unit,
        left.map((message) => ({ message, error })),
      )
    })
  }

  /**
   * Handles a key's parked messages again, in their order; the number of messages. Each round is one transaction that
   * parks nothing anew; a round follows for what was parked behind the key meanwhile.
   */
  async redrive(key: string): Promise<number> {
    for (let total = 0; ;) {
      const count = await this.parts.unitOfWork.run(this.parts.service, async (unit) => {
        const messages = await unpark(unit.tx, key)
        const read = this.read(messages)
        const still = read.find(({ refusal }) => refusal !== undefined)
        if (still !== undefined) throw unreadable(still.message, still.refusal ?? '')
        const readable = read.filter(isReadable)
        const left = await noteInbox(unit.tx, readable)
        // They come in the order in which they were set aside, which topics of one key share.
        await this.dispatch(unit, { fresh: readable.filter((one) => takeFirst(one, left)), placeOf: () => key })
        return messages.length
      })
      total += count
      if (count === 0) return total
    }
  }

  private async dispatch(unit: OpenUnit, { fresh, trace, placeOf }: Dispatched): Promise<void> {
    const { server, handlerTimeoutMs } = this.parts
    for (const { pattern, items } of runsOf(fresh, { placeOf, patternOf })) {
      const events = items.map(({ decoded }) => (trace === undefined ? decoded.event : trace.event(decoded.event)))
      await within(handlerTimeoutMs, { pattern, work: server.dispatch(pattern, { events, unit }) })
    }
    for (const { message } of fresh) this.parts.onHandled(message.topic, 1)
  }

  /** In the messages' order. What comes before a key's culprit can be handled, what comes after it waits behind it. */
  private read(messages: readonly StoredMessage[]): Read[] {
    const stopped = new Set<string>()
    const read: Read[] = []
    for (const message of messages) {
      const decoded = decodeMessage(message, this.parts.consumes)
      if (!decoded.ok) {
        if (!this.parts.mayPark) throw unreadable(message, decoded.refusal)
        read.push({ message, refusal: decoded.refusal })
        if (message.key !== undefined) stopped.add(message.key)
      } else if (decoded.value.kind === 'foreign') {
        continue
      } else if (message.key !== undefined && stopped.has(message.key)) {
        read.push({ message, refusal: BEHIND_PARKED })
      } else read.push({ message, decoded: decoded.value })
    }
    return read
  }

  private async park(unit: OpenUnit, found: readonly ParkedMessage[]): Promise<void> {
    const parked = found.map(({ message, error }) => ({ message, error: storable(error) }))
    await park(unit.tx, parked)
    for (const { message, error } of parked) {
      unit.mirror(message, error)
      this.parts.onParked(message.topic, error)
    }
  }
}

const BEHIND_PARKED = 'an earlier message of this key is parked'
/** Telemetry windows are idempotent by node and window: their handler absorbs duplicates, and the inbox stays small. */
const WITHOUT_INBOX = 'weir.telemetry'

const patternOf = ({ decoded }: Readable): string => (decoded.kind === 'raw' ? decoded.event.topic : decoded.event.type)
const isReadable = (one: Read): one is Readable => one.decoded !== undefined
const isBlocked = ({ message }: Read, blocked: ReadonlySet<string>): boolean => message.key !== undefined && blocked.has(message.key)
const eventIdOf = ({ decoded }: Readable): string => decoded.event.id.toLowerCase()
const notedOf = (read: readonly Readable[]): Readable[] => read.filter(({ message }) => message.topic !== WITHOUT_INBOX)

function unreadable({ topic, partition, offset }: StoredMessage, refusal: string): MessagingFault {
  return new MessagingFault({ code: 'unreadable-message', message: `${topic}/${partition}@${offset}: ${refusal}` })
}

async function fenced(tx: Transaction, of: { readonly batches: readonly PartitionBatch[]; readonly read: readonly Read[] }) {
  const noted = notedOf(of.read.filter(isReadable)).map((one) => ({ eventId: eventIdOf(one), key: one.message.key }))
  const at = await fence(tx, { batches: of.batches, noted })
  return { now: at.now, context: at }
}

/** What this transaction parks, in the messages' order: what cannot be handled, and what waits behind parked ones. */
function setAside(read: readonly Read[], at: Fenced): ParkedMessage[] {
  return read.flatMap((one) => {
    const error = one.refusal ?? (isBlocked(one, at.blocked) ? BEHIND_PARKED : undefined)
    return error === undefined || at.isBehind(one.message) ? [] : [{ message: one.message, error }]
  })
}

/** An id that comes twice in one batch is handled once, at its first place. */
const takeFirst = (one: Readable, left: Set<string>): boolean => one.message.topic === WITHOUT_INBOX || left.delete(eventIdOf(one))

/** Ids that the inbox did not hold. */
async function noteInbox(tx: Transaction, read: readonly Readable[]): Promise<Set<string>> {
  const noted = notedOf(read)
  if (noted.length === 0) return new Set()
  const rows = await tx.query<{ event_id: string }>(
    'insert into inbox (event_id) select distinct id from unnest($1::uuid[]) as i (id) on conflict do nothing returning event_id',
    [noted.map(eventIdOf)],
  )
  return new Set(rows.map((row) => row.event_id))
}

/** Its transaction is over then: whatever the handler still tries with it is refused. */
async function within(ms: number, { pattern, work }: { readonly pattern: string; readonly work: Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(stuck(pattern, ms)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const stuck = (pattern: string, ms: number): MessagingFault =>
  new MessagingFault({ code: 'handler-stuck', message: `the handler of ${pattern} did not end within ${ms} ms` })

async function traced(tracing: Tracing, work: (trace: HandlingTrace) => Promise<void>): Promise<void> {
  const trace = tracing.handling()
  try {
    await work(trace)
    trace.end()
  } catch (error) {
    trace.end(error)
    throw error
  }
}
