import { catalog, type EventType } from '@weir/contracts'
import type { NewEvent, UnitOfWork } from '@weir/messaging'
import type { SimTransaction } from './sim-transaction.js'
import type { Outgoing } from './topics.js'

/** Collects what one transaction tells; ids follow from unit, cause and ordinal, so that a repeated run yields the same ones. */
export class SimUnit implements UnitOfWork {
  readonly events: Omit<Outgoing, 'seq'>[] = []
  readonly tasks: (() => void)[] = []
  readonly #ordinals = new Map<string, number>()

  constructor(
    readonly tx: SimTransaction,
    readonly now: Date,
    private readonly origin: { readonly unit: string; readonly source: string },
  ) {}

  emit<T extends EventType>(event: NewEvent<T>): void {
    const cause = `${event.cause.id}\n${event.type}`
    const ordinal = this.#ordinals.get(cause) ?? 0
    this.#ordinals.set(cause, ordinal + 1)
    const { type, key, subject, data } = event
    const id = `${this.origin.unit}\n${cause}\n${ordinal}`
    this.events.push({ id, type, topic: catalog[type].topic, key, subject, data, source: this.origin.source, time: this.now.toISOString() })
  }

  afterCommit(task: () => void): void {
    this.tasks.push(task)
  }
}
