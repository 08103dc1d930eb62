import type { Transaction } from '@weir/persistence'
import { Fault } from '@weir/kernel'
import type { BatchServer } from './batch-server.js'
import { decodeMessage, type Decoded } from './event-codec.js'
import type { Received, ReceivedRaw } from './event.js'
import { blockedKeys, park, storable, unpark, type ParkedMessage } from './parking.js'
import type { PartitionBatch, StoredMessage } from './transport.js'
import type { OpenUnit, OutboxUnitOfWork } from './unit-of-work-runner.js'

export class MessagingFault extends Fault<'fenced' | 'unreadable-message' | 'topic-mismatch' | 'broker-unreachable'> {}

interface ProcessorParts {
  readonly service: string
  readonly consumes: ReadonlySet<string>
  /** false: a message that cannot be handled stops the service instead (the ledger: order is meaning) */
  readonly mayPark: boolean
  readonly server: BatchServer
  readonly unitOfWork: OutboxUnitOfWork
  onHandled(topic: string, count: number): void
  onParked(topic: string, error: string): void
}

/** The fence's answer: the messages of each batch that nobody handled yet. */
interface Fenced {
  readonly now: Date
  readonly context: readonly StoredMessage[]
}

type HandledEvent = Received | ReceivedRaw
type Decodable = Exclude<Decoded, { kind: 'foreign' }>

/** One transaction per call: fence, inbox, handlers, outbox. */
export class BatchProcessor {
  constructor(private readonly parts: ProcessorParts) {}

  async process(batches: readonly PartitionBatch[]): Promise<void> {
    await this.parts.unitOfWork.open({ name: this.parts.service, begin: (tx) => fence(tx, batches) }, async (unit, messages) => {
      await this.handle(unit, { messages, mayPark: this.parts.mayPark })
    })
  }

  /** The culprit of a batch, set aside for good in the transaction that moves past it. */
  async setAside(batch: PartitionBatch, error: string): Promise<void> {
    await this.parts.unitOfWork.open({ name: this.parts.service, begin: (tx) => fence(tx, [batch]) }, async (unit, messages) => {
      await this.park(
        unit,
        messages.map((message) => ({ message, error })),
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
        await this.handle(unit, { messages, mayPark: false })
        return messages.length
      })
      total += count
      if (count === 0) return total
    }
  }

  private async handle(unit: OpenUnit, work: { readonly messages: readonly StoredMessage[]; readonly mayPark: boolean }): Promise<void> {
    const blocked = work.mayPark ? await blockedKeys(unit.tx, keysOf(work.messages)) : new Set<string>()
    const { readable, parked } = this.sort(work.messages, blocked)
    const [first] = parked
    if (first !== undefined && !work.mayPark) {
      const where = `${first.message.topic}/${first.message.partition}@${first.message.offset}`
      throw new MessagingFault({ code: 'unreadable-message', message: `${where}: ${first.error}` })
    }
    await this.park(unit, parked)
    const fresh = await unseen(unit.tx, readable)
    for (const run of runsOf(fresh)) await this.parts.server.dispatch(run.pattern, { events: run.events, unit })
    for (const { message } of fresh) this.parts.onHandled(message.topic, 1)
  }

  /** In the messages' order: what came before a key's culprit is handled, what comes after it is set aside behind it. */
  private sort(messages: readonly StoredMessage[], blocked: ReadonlySet<string>) {
    const stopped = new Set(blocked)
    const readable: { message: StoredMessage; decoded: Decodable }[] = []
    const parked: ParkedMessage[] = []
    for (const message of messages) {
      const decoded = decodeMessage(message, this.parts.consumes)
      if (!decoded.ok) {
        parked.push({ message, error: decoded.refusal })
        if (message.key !== undefined) stopped.add(message.key)
      } else if (decoded.value.kind === 'foreign') {
        continue
      } else if (message.key !== undefined && stopped.has(message.key)) {
        parked.push({ message, error: 'an earlier message of this key is parked' })
      } else readable.push({ message, decoded: decoded.value })
    }
    return { readable, parked }
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

/**
 * Moves each partition's offset and drops what was handled before. An epoch above the batch's means that another consumer
 * owns the partition now: this one is a zombie and must not write.
 */
async function fence(tx: Transaction, batches: readonly PartitionBatch[]): Promise<Fenced> {
  const rows = await tx.query<{ topic: string; partition: number; before: string; now: Date }>(
    `with wanted as (
       select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) as w (topic, partition, last, epoch)),
     held as (
       select o.topic, o.partition, o.next_offset, w.last from consumer_offset o join wanted w using (topic, partition)
       where o.epoch <= w.epoch order by o.topic, o.partition for update of o)
     update consumer_offset o set next_offset = greatest(o.next_offset, held.last + 1) from held
     where o.topic = held.topic and o.partition = held.partition
     returning o.topic, o.partition, held.next_offset as before, now() as now`,
    [
      batches.map((batch) => batch.topic),
      batches.map((batch) => batch.partition),
      batches.map((batch) => (batch.messages.at(-1)?.offset ?? 0n).toString()),
      batches.map((batch) => batch.epoch),
    ],
  )
  const before = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, BigInt(row.before)]))
  const fresh = batches.flatMap((batch) => {
    const next = before.get(`${batch.topic}/${batch.partition}`)
    if (next === undefined)
      throw new MessagingFault({ code: 'fenced', message: `${batch.topic}/${batch.partition} belongs to another consumer` })
    return batch.messages.filter(({ offset }) => offset >= next)
  })
  return { now: rows[0]?.now ?? new Date(Number.NaN), context: fresh }
}

/** Telemetry windows are idempotent by node and window: their handler absorbs duplicates, and the inbox stays small. */
const WITHOUT_INBOX = 'weir.telemetry'

async function unseen<T extends { readonly message: StoredMessage; readonly decoded: Decodable }>(
  tx: Transaction,
  readable: readonly T[],
): Promise<T[]> {
  const noted = readable.filter(({ message }) => message.topic !== WITHOUT_INBOX)
  if (noted.length === 0) return [...readable]
  const rows = await tx.query<{ event_id: string }>(
    'insert into inbox (event_id) select distinct id from unnest($1::uuid[]) as i (id) on conflict do nothing returning event_id',
    [noted.map(({ decoded }) => decoded.event.id)],
  )
  const left = new Set(rows.map((row) => row.event_id))
  // An id that comes twice in one batch is handled once, at its first place.
  return readable.filter(({ message, decoded }) => message.topic === WITHOUT_INBOX || left.delete(decoded.event.id.toLowerCase()))
}

interface Run {
  readonly pattern: string
  readonly events: HandledEvent[]
}

/** Consecutive events of one type; a handler gets many at once, and the order stays. */
function runsOf(readable: readonly { readonly decoded: Decodable }[]): Run[] {
  const runs: Run[] = []
  for (const { decoded } of readable) {
    const pattern = decoded.kind === 'raw' ? decoded.event.topic : decoded.event.type
    const last = runs.at(-1)
    if (last?.pattern === pattern) last.events.push(decoded.event)
    else runs.push({ pattern, events: [decoded.event] })
  }
  return runs
}

const keysOf = (messages: readonly StoredMessage[]): string[] => messages.flatMap(({ key }) => (key === undefined ? [] : [key]))
