import { catalog, type EventType } from '@weir/contracts'
import type { NewEvent, UnitOfWork } from '@weir/messaging'
import type { SimTransaction } from './sim-transaction.js'
import type { Outgoing } from './topics.js'

/** `weir.decision.made.v1`: `decision.made` */
const shortOf = new Map(Object.keys(catalog).map((type) => [type, type.slice('weir.'.length, -'.v1'.length)]))

/** The same id for what has the same unit, cause and ordinal, in a run; short, as every consumer looks for it in its inbox. */
export class EventIds {
  readonly #known = new Map<string, string>()

  of(type: EventType, told: string): string {
    const known = this.#known.get(told)
    if (known !== undefined) return known
    const id = `${shortOf.get(type)}#${this.#known.size}`
    this.#known.set(told, id)
    return id
  }
}

/** Collects what one transaction tells; ids follow from unit, cause and ordinal, so that a repeated run yields the same ones. */
export class SimUnit implements UnitOfWork {
  readonly events: Omit<Outgoing, 'seq'>[] = []
  readonly tasks: (() => void)[] = []
  readonly #ordinals = new Map<string, number>()
  readonly #time: string

  constructor(
    readonly tx: SimTransaction,
    readonly now: Date,
    private readonly origin: { readonly unit: string; readonly source: string; readonly ids: EventIds },
  ) {
    this.#time = now.toISOString()
  }

  emit<T extends EventType>(event: NewEvent<T>): void {
    const { type, key, subject, data } = event
    const told = `${this.origin.unit}.${shortOf.get(type)} < ${event.cause.id}`
    const ordinal = this.#ordinals.get(told) ?? 0
    this.#ordinals.set(told, ordinal + 1)
    const id = this.origin.ids.of(type, ordinal === 0 ? told : `${ordinal} ${told}`)
    this.events.push({ id, type, topic: catalog[type].topic, key, subject, data, source: this.origin.source, time: this.#time })
  }

  afterCommit(task: () => void): void {
    this.tasks.push(task)
  }
}
