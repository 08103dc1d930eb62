import { entryOf } from '@weir/ledger-core'
import { toWorkloadClassified } from '../../services/classification/app/src/outbound/to-workload-classified.js'
import { emitChanges } from '../../services/adjudication/app/src/outbound/emit-changes.js'
import { emitDeclared } from '../../services/identity/app/src/outbound/emit-declared.js'
import { listActivatedEvent, reassessedEvent } from '../../services/identity/app/src/outbound/identity-events.js'
import { activateList } from '../../services/identity/app/src/use-cases/activate-list.js'
import { applyPlans, planCustomers } from '../../services/identity/app/src/use-cases/declare-customers.js'
import { sha256 } from '../../services/ledger/app/src/outbound/checkpoint-signer.js'
import { Consumer } from './engine/consumer.js'
import { History } from './engine/history.js'
import { Random } from './engine/random.js'
import { Scheduler } from './engine/scheduler.js'
import { ServiceProcess, type Incarnation, type Pace, type WorldParts } from './engine/service-process.js'
import type { Weather } from './engine/sim-database.js'
import { EventIds, type SimUnit } from './engine/sim-unit.js'
import { Topics, type Message } from './engine/topics.js'
import type { Plant } from './plants.js'
import { makeServices, type Fixtures, type Services } from './services.js'
import { START, workloadOf, type Act } from './workload.js'

export const CALM: Weather = { interleave: 0.05, crash: 0, transient: 0, lostAnswer: 0 }

export interface WorldOptions {
  readonly seed: number
  readonly requests: number
  readonly plant?: Plant | undefined
}

export type ServiceName = keyof Services

/** All services, their databases, the broker and the clock, in one process and one order of steps. */
export class World {
  readonly random: Random
  readonly scheduler = new Scheduler()
  readonly topics = new Topics()
  readonly history = new History()
  readonly services: Services
  readonly processes: Readonly<Record<ServiceName, ServiceProcess>>
  readonly consumers: Readonly<Record<ServiceName, Consumer>>
  readonly acts: Act[]
  /** by service and id: messages that nobody can read yet */
  readonly unreadable = new Set<string>()
  readonly pace: Pace
  weather: Weather
  now = START

  constructor(
    readonly options: WorldOptions,
    fixtures: Fixtures,
  ) {
    this.random = new Random(options.seed)
    this.weather = weatherOf(this.random)
    this.pace = paceOf(this.random)
    this.services = makeServices({ fixtures, random: this.random, plant: options.plant })
    const parts = this.#parts(options.plant)
    const { gateway, identity, classification, adjudication, ledger } = this.services
    this.processes = {
      gateway: new ServiceProcess(gateway.spec, parts),
      identity: new ServiceProcess(identity.spec, parts),
      classification: new ServiceProcess(classification.spec, parts),
      adjudication: new ServiceProcess(adjudication.spec, parts),
      ledger: new ServiceProcess(ledger.spec, parts),
    }
    this.consumers = {
      gateway: new Consumer(this.processes.gateway),
      identity: new Consumer(this.processes.identity),
      classification: new Consumer(this.processes.classification),
      adjudication: new Consumer(this.processes.adjudication),
      ledger: new Consumer(this.processes.ledger),
    }
    this.acts = workloadOf(this.random, { requests: options.requests, group: this.pace.group })
    ledger.tables.appended = (entries, head) => {
      this.history.checkpoints.push(head)
      for (const { kind, subject, revision } of entries) {
        if (kind === 'decision') this.history.recorded.set(`${subject}/${revision}`, this.history.moment)
      }
    }
  }

  #parts(plant: Plant | undefined): WorldParts {
    return {
      scheduler: this.scheduler,
      random: this.random,
      topics: this.topics,
      history: this.history,
      ids: new EventIds(),
      plants: {
        inboxOff: plant === 'inbox-off',
        fenceOff: plant === 'fence-off',
        offsetBeforeCommit: plant === 'offset-before-commit',
        relayBeforeCommit: plant === 'relay-before-commit',
      },
      pace: this.pace,
      weather: () => this.weather,
      now: () => this.now,
      unreadable: (message: Message) => this.unreadable.size > 0 && this.unreadable.has(message.id),
    }
  }

  command(name: ServiceName, of: { readonly unit: string; work(unit: SimUnit): Promise<void>; done?(): void }): Promise<void> | undefined {
    const process = this.processes[name]
    const { live } = process
    if (live?.ready !== true) return undefined
    const run = async (): Promise<void> => {
      await process.transact(live, { unit: of.unit }, (unit) => of.work(unit))
      // The reply is on its way; a process that dies here never sends it.
      await process.database.afterwards()
      of.done?.()
    }
    return process.spawn(live, { name: of.unit, run })
  }

  act(act: Act, done: () => void): Promise<void> | undefined {
    switch (act.kind) {
      case 'ask':
        return this.#ask(act, done)
      case 'declare':
        return this.command('identity', { unit: 'declare', done, work: (unit) => this.#declare(unit, act) })
      case 'list':
        return this.command('identity', { unit: 'activate-list', done, work: (unit) => this.#activate(unit, act) })
      case 'map':
        return this.command('classification', { unit: 'map-sku', done, work: (unit) => this.#map(unit, act) })
      case 'license':
        return this.command('adjudication', { unit: 'register-license', done, work: (unit) => this.#register(unit, act) })
    }
  }

  #ask({ asks }: Extract<Act, { kind: 'ask' }>, done: () => void): Promise<void> | undefined {
    let replies: readonly { readonly actKey: string; readonly requestId: string }[] = []
    return this.command('gateway', {
      unit: 'decide-request',
      work: async (unit) => {
        const accepted = await this.services.gateway.accept.accept(unit, asks)
        replies = accepted.map(({ requestId }, n) => ({ actKey: asks[n]?.actKey ?? '', requestId }))
      },
      done: () => {
        for (const { actKey, requestId } of replies) {
          const known = this.history.replies.get(actKey)
          if (known === undefined) this.history.replies.set(actKey, new Set([requestId]))
          else known.add(requestId)
        }
        done()
      },
    })
  }

  async #declare(unit: SimUnit, { declaration, tenants }: Extract<Act, { kind: 'declare' }>): Promise<void> {
    const { stores } = this.services.identity
    const planned = await planCustomers(stores, unit.tx, { mode: 'either', rows: [{ declaration, tenants }] })
    const declared = await applyPlans(stores, unit, { ...planned, by: 'operator' })
    emitDeclared(unit, { declared, cause: { id: `declare ${this.random.uuid()}` } })
  }

  async #activate(unit: SimUnit, { entries }: Extract<Act, { kind: 'list' }>): Promise<void> {
    const activated = await activateList(this.services.identity.stores, unit, { title: 'A list', entries, by: 'operator' })
    const cause = { id: `list ${this.random.uuid()}` }
    if (activated.activated) unit.emit(listActivatedEvent(activated.version, cause))
    for (const answer of activated.changed) unit.emit(reassessedEvent(answer, { at: unit.now, cause }))
  }

  async #map(unit: SimUnit, { sku }: Extract<Act, { kind: 'map' }>): Promise<void> {
    const result = await this.services.classification.mapSkus.run(unit.tx, sku, unit.now)
    if (!result.ok) throw new Error(`the mapping was refused: ${result.refusal.detail}`)
    const cause = { id: `map ${this.random.uuid()}` }
    for (const one of result.value) {
      const { requestId, key } = one.ask
      unit.emit({ type: 'weir.workload.reclassified.v1', subject: requestId, key, data: toWorkloadClassified(one, unit.now), cause })
    }
  }

  async #register(unit: SimUnit, { license }: Extract<Act, { kind: 'license' }>): Promise<void> {
    if (!(await this.services.adjudication.licenses.register(unit.tx, license, unit.now))) return
    const data = { ...license, salt: this.random.salt() }
    unit.emit({
      type: 'weir.license.registered.v1',
      subject: license.licenseId,
      key: license.customerId,
      cause: { id: `license ${license.licenseId}` },
      data,
    })
  }

  holdOverdue(): Promise<void> | undefined {
    const { requests, decide, making } = this.services.adjudication
    return this.command('adjudication', {
      unit: 'hold-overdue',
      work: async (unit) => {
        const overdue = await requests.lockOverdue(unit.tx, unit.now, 200)
        emitChanges(unit, await decide.run(unit.tx, overdue, { now: unit.now, overdueToo: true }), making(unit.now))
      },
    })
  }

  decideHeldAgain(): Promise<void> | undefined {
    const { again, making } = this.services.adjudication
    return this.command('adjudication', {
      unit: 'decide-held-again',
      work: async (unit) => {
        emitChanges(unit, (await again.run(unit.tx, { now: unit.now, limit: 20 })) ?? [], making(unit.now))
      },
    })
  }

  /** An earlier owner keeps running and does not know yet that it was replaced. */
  takeOver(process: ServiceProcess): Promise<void> {
    const { live } = process
    if (live !== undefined) process.zombies.add(live)
    const next: Incarnation = process.newIncarnation()
    process.live = next
    return process.spawn(next, { name: 'start', run: () => process.start(next) })
  }

  /** A liar on the ledger's topic: a receipt for a decision that is not in the log, or not yet. */
  forgeReceipt(): void {
    const made = this.topics.all.filter(({ type }) => type === 'weir.decision.made.v1')
    const one = made[this.random.int(made.length)]
    if (one === undefined) return
    const { requestId, revision, sections } = one.data as Decision
    const entry = entryOf({ kind: 'decision', requestId, revision, sections }, { t: this.now, sha256 })
    this.history.count('forged receipts')
    this.topics.append({
      id: `forged ${this.random.uuid()}`,
      type: 'weir.entry.recorded.v1',
      topic: 'weir.ledger',
      key: one.key,
      subject: requestId,
      source: '/liar',
      time: new Date(this.now).toISOString(),
      seq: -1,
      data: { kind: 'decision', subjectId: requestId, revision, index: 0, treeSize: 1, entry, receipt: 'no proof', recordedAt: '' },
    })
  }
}

interface Decision {
  readonly requestId: string
  readonly revision: number
  readonly sections: Readonly<Record<string, { readonly salt: string; readonly value: unknown }>>
}

/** A trickle that is handled one by one, and a flood that is handled in large batches, find different defects. */
function paceOf(random: Random): Pace {
  const kind = random.int(4)
  if (kind === 0) return { group: 2, asking: 3, batch: 8, gathers: false }
  if (kind === 1) return { group: 12, asking: 6, batch: 32, gathers: false }
  if (kind === 2) return { group: 32, asking: 15, batch: 128, gathers: true }
  return { group: 64, asking: 30, batch: 512, gathers: true }
}

/** Calm and stormy runs find different defects. */
function weatherOf(random: Random): Weather {
  const kind = random.int(4)
  if (kind === 0) return { interleave: 0.02, crash: 0.001, transient: 0.001, lostAnswer: 0.01 }
  if (kind === 1) return { interleave: 0.3, crash: 0.001, transient: 0.002, lostAnswer: 0.01 }
  if (kind === 2) return { interleave: 0.05, crash: 0.006, transient: 0.004, lostAnswer: 0.03 }
  return { interleave: 0.15, crash: 0.002, transient: 0.01, lostAnswer: 0.02 }
}
