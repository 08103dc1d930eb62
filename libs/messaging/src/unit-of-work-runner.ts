import type { EventType } from '@weir/contracts'
import type { Database, Transaction } from '@weir/persistence'
import type { Logger } from 'pino'
import { derivedId, encodeEvent, type EncodedEvent } from './event-codec.js'
import type { NewEvent } from './event.js'
import { parkedTopicOf } from './kafka-access.js'
import { MAX_MESSAGE_BYTES, refuseOversized, sizeOf } from './message-size.js'
import type { Outbox, Pending } from './outbox.js'
import type { StoredMessage } from './transport.js'
import { passFailpoint } from './test-switch.js'
import type { UnitOfWork, UnitOfWorkRunner } from './unit-of-work.js'

/** A transaction's unit while it runs: collects events and wake-ups. */
export class OpenUnit implements UnitOfWork {
  readonly events: EncodedEvent[] = []
  readonly tasks: (() => void)[] = []
  private readonly ordinals = new Map<string, number>()

  constructor(
    readonly tx: Transaction,
    readonly now: Date,
    private readonly origin: { readonly unit: string; readonly source: string },
  ) {}

  emit<T extends EventType>(event: NewEvent<T>): void {
    const cause = `${event.cause.id}\n${event.type}`
    const ordinal = this.ordinals.get(cause) ?? 0
    this.ordinals.set(cause, ordinal + 1)
    const id = derivedId(this.origin.unit, event.cause.id, event.type, ordinal)
    const encoded = encodeEvent(event, { id, source: this.origin.source, time: this.now.toISOString() })
    // Before the commit: an event that no log takes must not be promised.
    refuseOversized([encoded])
    this.events.push(encoded)
  }

  /** What was set aside, for those who watch `<topic>.parked`; the parked row itself stays in the database. */
  mirror(message: StoredMessage, error: string): void {
    const id = derivedId('parked', message.topic, message.partition, message.offset.toString())
    const headers = { ...message.headers, 'weir-parked-by': this.origin.source, 'weir-parked-error': error.slice(0, 500).toWellFormed() }
    const mirrored = { id, topic: parkedTopicOf(message.topic), key: message.key ?? '', headers, value: message.value ?? '' }
    // What fills a message by itself has no room for two headers more. The row in the database is whole.
    this.events.push(sizeOf(mirrored) <= MAX_MESSAGE_BYTES ? mirrored : { ...mirrored, key: '', headers: cutHeaders(headers), value: '' })
  }

  afterCommit(task: () => void): void {
    this.tasks.push(task)
  }
}

export interface UnitParts {
  readonly database: Database
  readonly outbox: Outbox
  readonly source: string
  readonly logger: Logger
}

/** Opens the transaction, runs the work, saves the events with it, commits, relays. */
export class OutboxUnitOfWork implements UnitOfWorkRunner {
  constructor(private readonly parts: UnitParts) {}

  run<T>(name: string, work: (unit: OpenUnit) => Promise<T>): Promise<T> {
    return this.open({ name, begin: async (tx) => ({ now: await clock(tx), context: undefined }) }, (unit) => work(unit))
  }

  /** `begin` runs first and tells the time; undefined ends the transaction without any work. */
  async open<C, T>(
    unitOf: { readonly name: string; begin(tx: Transaction): Promise<{ readonly now: Date; readonly context: C }> },
    work: (unit: OpenUnit, context: C) => Promise<T>,
  ): Promise<T> {
    const { database, outbox, source, logger } = this.parts
    let pending: Pending | undefined
    let tasks: readonly (() => void)[] = []
    let result: T
    try {
      result = await database.inTransaction(async (tx) => {
        const { now, context } = await unitOf.begin(tx)
        passFailpoint('after-fence')
        const unit = new OpenUnit(tx, now, { unit: unitOf.name, source })
        const value = await work(unit, context)
        passFailpoint('after-handler')
        pending = await outbox.save(tx, unit.events)
        passFailpoint('before-commit')
        tasks = unit.tasks
        return value
      })
    } catch (error) {
      outbox.abandoned(pending)
      throw error
    }
    passFailpoint('after-commit')
    outbox.committed(pending)
    for (const task of tasks) {
      try {
        task()
      } catch (error) {
        logger.error({ err: error, unit: unitOf.name }, 'a wake-up after the commit failed')
      }
    }
    return result
  }

  outboxDepth(): number {
    return this.parts.outbox.depth()
  }
}

const cutHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> => ({
  'weir-parked-by': headers['weir-parked-by'] ?? '',
  'weir-parked-error': headers['weir-parked-error'] ?? '',
  'weir-parked-cut': 'the message is too large to be mirrored',
})

async function clock(tx: Transaction): Promise<Date> {
  const [row] = await tx.query<{ now: Date }>('select now() as now')
  if (row === undefined) throw new Error('the database tells no time')
  return row.now
}
