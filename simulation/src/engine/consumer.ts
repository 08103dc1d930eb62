import type { EventType } from '@weir/contracts'
import { Fenced, type Handler, type Incarnation, type ServiceProcess } from './service-process.js'
import type { SimTransaction } from './sim-transaction.js'
import type { SimUnit } from './sim-unit.js'
import type { Message } from './topics.js'

interface Batch {
  readonly place: string
  readonly epoch: number
  readonly messages: readonly Message[]
}

interface FencedIn {
  /** messages that a transaction has passed already */
  readonly behind: ReadonlySet<Message>
  readonly blocked: ReadonlySet<string>
  readonly unseen: Set<string>
}

/** Reads partitions for one process of a service: fence, inbox, handlers, outbox, in one transaction per batch. */
export class Consumer {
  constructor(private readonly service: ServiceProcess) {}

  /** A batch that this process could take now. */
  next(incarnation: Incarnation, start: number): Batch | undefined {
    const { places, world } = this.service
    for (let n = 0; n < places.length; n++) {
      const at = places[(start + n) % places.length]
      const position = at === undefined ? undefined : incarnation.positions.get(at.place)
      if (at === undefined || position === undefined || incarnation.busy.has(at.place)) continue
      const log = world.topics.log(at.topic, at.partition)
      if (log.length <= position.next) continue
      const most = 1 + world.random.int(world.pace.batch)
      return { place: at.place, epoch: position.epoch, messages: log.slice(position.next, position.next + most) }
    }
    return undefined
  }

  /** undefined: nothing to do */
  deliver(incarnation: Incarnation): Promise<void> | undefined {
    const { places, world, spec } = this.service
    const batches: Batch[] = []
    for (let from = world.random.int(Math.max(1, places.length)); ;) {
      const batch = this.next(incarnation, from)
      if (batch === undefined) break
      batches.push(batch)
      incarnation.busy.add(batch.place)
      if (!spec.sequencer && !world.pace.gathers) break
      from = places.findIndex(({ place }) => place === batch.place) + 1
    }
    if (batches.length === 0) return undefined
    return this.service.spawn(incarnation, { name: 'batch', run: () => this.#run(incarnation, batches) })
  }

  async #run(incarnation: Incarnation, batches: readonly Batch[]): Promise<void> {
    try {
      await this.#process(incarnation, batches)
      for (const { place, epoch, messages } of batches) {
        const last = messages.at(-1)?.offset ?? -1
        if (incarnation.positions.has(place)) incarnation.positions.set(place, { next: last + 1, epoch })
      }
    } catch (error) {
      // Somebody else reads these partitions now.
      if (error instanceof Fenced) incarnation.positions.clear()
      throw error
    } finally {
      for (const { place } of batches) incarnation.busy.delete(place)
    }
  }

  async #process(incarnation: Incarnation, batches: readonly Batch[]): Promise<void> {
    const { spec } = this.service
    const messages: Message[] = []
    for (const batch of batches) for (const message of batch.messages) if (spec.handlers[message.type] !== undefined) messages.push(message)
    const refused = this.#refused(messages)
    const readable = refused.size === 0 ? messages : messages.filter((message) => !refused.has(message))
    const fence = (tx: SimTransaction) => this.#fence(tx, { batches, readable })
    const begin = this.service.world.plants.offsetBeforeCommit ? await this.#moveFirst(incarnation, fence) : fence
    await this.service.transact<FencedIn>(incarnation, { unit: spec.name, begin }, async (unit, at) => {
      if (at === undefined) return
      const isAside = (message: Message): boolean => !at.behind.has(message) && (refused.has(message) || at.blocked.has(message.key))
      if (refused.size + at.blocked.size > 0) await this.#park(unit, messages.filter(isAside))
      const fresh = readable.filter((message) => !at.behind.has(message) && !at.blocked.has(message.key) && at.unseen.delete(message.id))
      await this.#dispatch(unit, fresh)
    })
  }

  /** What cannot be read, and what comes behind it under the same key. */
  #refused(messages: readonly Message[]): ReadonlySet<Message> {
    const refused = new Set<Message>()
    const stopped = new Set<string>()
    for (const message of messages) {
      if (!this.service.world.unreadable(message) && !stopped.has(message.key)) continue
      refused.add(message)
      stopped.add(message.key)
    }
    return refused
  }

  /** Planted: the position is moved for good before the work is done. */
  async #moveFirst(incarnation: Incarnation, fence: (tx: SimTransaction) => Promise<FencedIn>): Promise<() => Promise<FencedIn>> {
    const moved: FencedIn[] = []
    await this.service.transact<FencedIn>(incarnation, { unit: this.service.spec.name, begin: fence }, async (_unit, at) => {
      if (at !== undefined) moved.push(at)
    })
    const [at] = moved
    if (at === undefined) throw new Error('a position was moved and nobody knows from where')
    return () => Promise.resolve(at)
  }

  async #fence(tx: SimTransaction, of: { readonly batches: readonly Batch[]; readonly readable: readonly Message[] }): Promise<FencedIn> {
    const { offsets, parked, inbox, world, spec } = this.service
    const { fenceOff, inboxOff } = world.plants
    await tx.step()
    const behind = new Set<Message>()
    for (const { place, epoch, messages } of of.batches.toSorted((a, b) => (a.place < b.place ? -1 : 1))) {
      if (!fenceOff) await tx.lock(`offset ${place}`)
      const row = offsets.get(tx, place) ?? { next: 0, epoch }
      if (row.epoch > epoch && !fenceOff) throw new Fenced(`${place} belongs to another consumer`)
      const last = messages.at(-1)?.offset ?? -1
      const next = fenceOff ? last + 1 : Math.max(row.next, last + 1)
      if (!fenceOff) for (const message of messages) if (message.offset < row.next) behind.add(message)
      offsets.set(tx, place, { ...row, next })
      tx.onCommit(() => world.history.passed.push({ service: spec.name, place, from: messages[0]?.offset ?? 0, to: next }))
    }
    const blocked = new Set<string>()
    for (const { message } of parked.values(tx)) blocked.add(message.key)
    const unseen = new Set<string>()
    for (const { id, key } of of.readable) {
      if (blocked.has(key) || unseen.has(id)) continue
      if (!inboxOff && inbox.get(tx, id) !== undefined) continue
      inbox.set(tx, id, true)
      unseen.add(id)
    }
    return { behind, blocked, unseen }
  }

  async #park(unit: SimUnit, aside: readonly Message[]): Promise<void> {
    if (aside.length === 0) return
    await unit.tx.step()
    for (const message of aside) {
      const n = this.service.parkings++
      this.service.parked.set(unit.tx, `${message.topic}/${message.partition}@${message.offset}`, { n, message })
    }
    unit.tx.onCommit(() => this.service.world.history.count('parked', aside.length))
  }

  async #dispatch(unit: SimUnit, fresh: readonly Message[]): Promise<void> {
    const { spec, world } = this.service
    for (let from = 0, to = 0; from < fresh.length; from = to) {
      const type = fresh[from]?.type
      while (to < fresh.length && fresh[to]?.type === type) to++
      await handlerOf(spec.handlers, type)(fresh.slice(from, to) as never, unit)
    }
    unit.tx.onCommit(() => world.history.noteHandled(spec.name, fresh))
  }

  /** Handles a key's parked messages again, in their order. */
  redrive(incarnation: Incarnation, key: string): Promise<void> {
    const { parked, inbox, spec, world } = this.service
    const run = (): Promise<void> =>
      this.service.transact(incarnation, { unit: spec.name }, async (unit) => {
        await unit.tx.step()
        const rows = parked
          .values(unit.tx)
          .filter(({ message }) => message.key === key)
          .sort((a, b) => a.n - b.n)
        const fresh: Message[] = []
        for (const { message } of rows) {
          await unit.tx.lock(`parked ${message.topic}/${message.partition}@${message.offset}`)
          parked.set(unit.tx, `${message.topic}/${message.partition}@${message.offset}`, undefined)
          if (!world.plants.inboxOff && inbox.get(unit.tx, message.id) !== undefined) continue
          inbox.set(unit.tx, message.id, true)
          if (!fresh.some(({ id }) => id === message.id)) fresh.push(message)
        }
        await this.#dispatch(unit, fresh)
      })
    return this.service.spawn(incarnation, { name: 'redrive', run })
  }
}

function handlerOf(handlers: Readonly<Partial<Record<EventType, Handler>>>, type: EventType | undefined): Handler {
  const handler = type === undefined ? undefined : handlers[type]
  if (handler === undefined) throw new Error(`nobody handles ${type}`)
  return handler
}
