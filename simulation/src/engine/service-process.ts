import { catalog, type EventType } from '@weir/contracts'
import type { UnitOfWork } from '@weir/messaging'
import type { History } from './history.js'
import { TransientFault } from './locks.js'
import { OutboxRows, Relay, type Pending } from './outbox-relay.js'
import type { Random } from './random.js'
import type { Scheduler, Task } from './scheduler.js'
import { SimDatabase, type Weather } from './sim-database.js'
import { Table, type SimTransaction } from './sim-transaction.js'
import { SimUnit, type EventIds } from './sim-unit.js'
import { PARTITIONS, type Message, type Outgoing, type Topics } from './topics.js'

export type Handler = (events: never, unit: UnitOfWork) => Promise<void>

export interface ServiceSpec {
  readonly name: string
  readonly handlers: Readonly<Partial<Record<EventType, Handler>>>
  /** the ledger: one transaction over all its partitions, and nothing is ever set aside */
  readonly sequencer: boolean
}

/** Defects that are planted to try the checker. */
export interface MessagingPlants {
  readonly inboxOff: boolean
  readonly fenceOff: boolean
  readonly offsetBeforeCommit: boolean
  readonly relayBeforeCommit: boolean
}

/** How much is done at a time. */
export interface Pace {
  /** most requests that are asked together */
  readonly group: number
  /** of a hundred steps, how many ask */
  readonly asking: number
  /** most messages of a partition that one transaction takes */
  readonly batch: number
  /** whether one transaction takes from all partitions that have something */
  readonly gathers: boolean
}

export interface WorldParts {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly topics: Topics
  readonly history: History
  readonly ids: EventIds
  readonly plants: MessagingPlants
  readonly pace: Pace
  weather(): Weather
  now(): number
  /** the message cannot be read by this service, until somebody mends it */
  unreadable(message: Message): boolean
}

export interface Position {
  readonly next: number
  readonly epoch: number
}

/** The memory of one running process of a service. */
export interface Incarnation {
  readonly relay: Relay
  readonly positions: Map<string, Position>
  readonly busy: Set<string>
  readonly tasks: Set<Task>
  ready: boolean
}

export interface ParkedRow {
  readonly n: number
  readonly message: Message
}

export class Fenced extends Error {}

/** One service: a database that stays, and a process that may die at any await. */
export class ServiceProcess {
  readonly database: SimDatabase
  readonly offsets = new Table<Position>()
  readonly inbox = new Table<true>()
  readonly outbox = new OutboxRows()
  readonly parked = new Table<ParkedRow>()
  readonly places: readonly { readonly topic: string; readonly partition: number; readonly place: string }[]
  readonly #source: string
  parkings = 0
  /** undefined: down */
  live: Incarnation | undefined
  /** processes that were replaced and do not know it yet */
  readonly zombies = new Set<Incarnation>()

  constructor(
    readonly spec: ServiceSpec,
    readonly world: WorldParts,
  ) {
    const { scheduler, random } = world
    this.#source = `/weir/${spec.name}`
    this.database = new SimDatabase({ scheduler, random, weather: () => world.weather(), crash: () => this.#crashRunning() })
    const types = Object.keys(spec.handlers) as EventType[]
    const topics = [...new Set(types.map((type) => catalog[type].topic))]
    this.places = topics.flatMap((topic) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, place: `${topic}/${partition}` })),
    )
  }

  /** Starts a task in this memory; resolves at its first stop. Transient faults end a task, whoever waits tries again. */
  spawn(incarnation: Incarnation, of: { readonly name: string; run(): Promise<void> }): Promise<void> {
    return this.world.scheduler.start({ name: `${this.spec.name} ${of.name}`, owner: incarnation }, async (task) => {
      incarnation.tasks.add(task)
      try {
        await of.run()
      } catch (error) {
        if (error instanceof TransientFault) this.world.history.count(error.message)
        else if (error instanceof Fenced) this.world.history.count('fenced off')
        else this.world.history.broken.push(`${task.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      } finally {
        incarnation.tasks.delete(task)
      }
    })
  }

  newIncarnation(): Incarnation {
    return { relay: new Relay(), positions: new Map(), busy: new Set(), tasks: new Set(), ready: false }
  }

  /** From outside, while none of its tasks runs. */
  crash(incarnation: Incarnation): void {
    this.world.history.count('crashes')
    this.#forget(incarnation)
    this.world.scheduler.end(incarnation.tasks)
  }

  #crashRunning(): Promise<never> {
    const { scheduler, history } = this.world
    history.count('crashes')
    const { running } = scheduler
    const incarnation = [this.live, ...this.zombies].find((one) => one?.tasks.has(running) === true)
    running.abandon()
    if (incarnation !== undefined) {
      this.#forget(incarnation)
      scheduler.end(incarnation.tasks)
    }
    return scheduler.die()
  }

  #forget(incarnation: Incarnation): void {
    this.zombies.delete(incarnation)
    if (this.live === incarnation) this.live = undefined
  }

  /** Begin, work, outbox, commit, relay: the steps of every write. */
  async transact<C>(
    incarnation: Incarnation,
    of: { readonly unit: string; begin?(tx: SimTransaction): Promise<C> },
    work: (unit: SimUnit, context: C | undefined) => Promise<void>,
  ): Promise<void> {
    const { database, world } = this
    const tx = database.begin()
    let pending: Pending | undefined
    let tasks: readonly (() => void)[]
    try {
      const context = await of.begin?.(tx)
      const unit = new SimUnit(tx, new Date(world.now()), { unit: of.unit, source: this.#source, ids: world.ids })
      await work(unit, context)
      pending = await this.#save(tx, { incarnation, unit })
      tasks = unit.tasks
      await database.commit(tx)
    } catch (error) {
      database.rollBack(tx)
      if (pending !== undefined) pending.state = 'in-doubt'
      throw error
    }
    if (pending !== undefined) pending.state = 'committed'
    for (const task of tasks) task()
  }

  async #save(tx: SimTransaction, of: { readonly incarnation: Incarnation; readonly unit: SimUnit }): Promise<Pending | undefined> {
    const { topics, history, plants } = this.world
    if (of.unit.events.length === 0) {
      tx.onCommit(() => history.moment++)
      return undefined
    }
    await tx.step()
    const entries = this.outbox.save(tx, { events: of.unit.events, now: this.world.now() })
    if (plants.relayBeforeCommit) for (const entry of entries) topics.append(entry)
    tx.onCommit(() => {
      history.moment++
      history.noteWritten(this.#source, entries)
      for (const { type, data } of entries) if (type === 'weir.decision.answered.v1') this.#noteAnswer(data)
    })
    return of.incarnation.relay.remember(entries)
  }

  #noteAnswer(data: unknown): void {
    const { id, revision } = data as { readonly id: string; readonly revision: number }
    const { answered, moment } = this.world.history
    if (!answered.has(`${id}/${revision}`)) answered.set(`${id}/${revision}`, moment)
  }

  /** Publishes what is committed, in order; what a crash leaves half done is published again by the next process. */
  async relay({ relay }: Incarnation): Promise<void> {
    if (relay.busy) return
    relay.busy = true
    try {
      for (let taken = relay.publishable(); taken.length > 0; taken = relay.publishable()) {
        // A transaction in doubt has ended by now: its rows are there, or they never will be.
        const entries = taken.flatMap(({ state, entries: all }) =>
          state === 'committed' ? all : all.filter(({ seq }) => this.outbox.rows.committed.has(String(seq))),
        )
        await this.publish(relay, entries)
        relay.forget(taken)
      }
    } finally {
      relay.busy = false
    }
  }

  async publish(relay: Relay, entries: readonly Outgoing[]): Promise<void> {
    const { random, history } = this.world
    for (let from = 0, to = 0; from < entries.length; from = to) {
      to += 1 + random.int(entries.length - from)
      // Some may be stored and some not, and the producer cannot tell which.
      const lost = random.chance(this.world.weather().transient)
      this.#store(entries.slice(from, lost ? from + random.int(to - from) : to))
      if (lost) throw new TransientFault('the broker did not answer')
      await this.database.afterwards()
    }
    for (const { seq } of entries) relay.published.push(seq)
    history.count('events', entries.length)
  }

  #store(entries: readonly Outgoing[]): void {
    if (this.world.plants.relayBeforeCommit) return
    for (const entry of entries) this.world.topics.append(entry)
  }

  /** Publishes rows that no transaction of this process wrote. `all`: also young ones, when it takes over from another. */
  async sweep(incarnation: Incarnation, { all }: { readonly all: boolean }): Promise<void> {
    const { relay } = incarnation
    if (relay.busy) return
    relay.busy = true
    try {
      await this.mark(incarnation)
      const { own } = relay
      const orphans = [...this.outbox.rows.committed.values()]
        .filter(({ seq, writtenAt }) => !own.has(seq) && (all || writtenAt < this.world.now() - 10_000))
        .sort((a, b) => a.seq - b.seq)
      await this.publish(relay, orphans)
      await this.mark(incarnation)
    } finally {
      relay.busy = false
    }
  }

  async mark({ relay }: Incarnation): Promise<void> {
    const seqs = [...relay.published]
    if (seqs.length === 0) return
    const tx = this.database.begin()
    try {
      await tx.step()
      for (const seq of seqs) this.outbox.rows.set(tx, String(seq), undefined)
      await this.database.commit(tx)
      relay.published = relay.published.slice(seqs.length)
    } catch (error) {
      this.database.rollBack(tx)
      throw error
    }
  }

  /** Takes all partitions over: from here on the former owner's batches are fenced off. */
  async start(incarnation: Incarnation): Promise<void> {
    await this.sweep(incarnation, { all: true })
    const tx = this.database.begin()
    const taken = new Map<string, Position>()
    try {
      await tx.step()
      for (const { place } of this.places) {
        if (!this.world.plants.fenceOff) await tx.lock(`offset ${place}`)
        const before = this.offsets.get(tx, place)
        const position = { next: before?.next ?? 0, epoch: (before?.epoch ?? 0) + 1 }
        this.offsets.set(tx, place, position)
        taken.set(place, position)
      }
      await this.database.commit(tx)
    } catch (error) {
      this.database.rollBack(tx)
      throw error
    }
    await this.sweep(incarnation, { all: true })
    for (const [place, position] of taken) incarnation.positions.set(place, position)
    incarnation.ready = true
  }
}
