import type { ServiceProcess } from './engine/service-process.js'
import type { Task } from './engine/scheduler.js'
import { CALM, World, type ServiceName, type WorldOptions } from './world.js'
import { checkWorld, type Violation } from './checker.js'
import { DEADLINE_MS, type Fixtures } from './services.js'
import type { Act } from './workload.js'
import { historyHash } from './history-hash.js'

export interface RunReport {
  readonly seed: number
  readonly requests: number
  readonly violations: readonly Violation[]
  readonly counts: Readonly<Record<string, number>>
  /** of the whole course of the run: the same seed yields the same one */
  history(): string
}

interface Doing {
  readonly act: Act
  task: Task | undefined
  done: boolean
}

const names: readonly ServiceName[] = ['gateway', 'identity', 'classification', 'adjudication', 'ledger']
const STORM_LIMIT = 200_000
const HEAL_LIMIT = 200_000

/** One world from its first request to quiescence, then the checker. */
export async function runSeed(options: WorldOptions, fixtures: Fixtures): Promise<RunReport> {
  const world = new World(options, fixtures)
  const run = new Run(world)
  await run.storm()
  await run.heal()
  const violations = checkWorld(world)
  return { ...options, violations, counts: world.history.counts, history: () => historyHash(world) }
}

class Run {
  readonly #doing: Doing[]
  readonly #open: Doing[] = []
  #next = 0

  constructor(private readonly world: World) {
    this.#doing = world.acts.map((act) => ({ act, task: undefined, done: false }))
  }

  /** Until everything that is asked has been asked and replied to, under faults. */
  async storm(): Promise<void> {
    const { random, history } = this.world
    for (let n = 0; this.#pending(); n++) {
      if (n > STORM_LIMIT) {
        history.broken.push('the storm does not end: some command never succeeds')
        return
      }
      this.world.now += random.int(12)
      if (random.chance(0.004)) await this.#fault()
      else await this.#step()
    }
  }

  /** No more faults; everything has to come to rest by itself. */
  async heal(): Promise<void> {
    const { world } = this
    world.weather = CALM
    world.unreadable.clear()
    for (const process of this.#processes()) for (const zombie of process.zombies) process.crash(zombie)
    for (let n = 0, before = -1; ; n++) {
      if (n > HEAL_LIMIT) {
        world.history.broken.push('no rest after the faults have ended')
        return
      }
      world.now += 1
      if (await this.#work()) continue
      world.now += DEADLINE_MS + 11_000
      await this.#upkeep()
      while (await this.#work());
      const marks = world.topics.size
      const waiting = this.#processes().some((process) => process.outbox.rows.committed.size > 0 || process.parked.committed.size > 0)
      if (marks === before && !waiting) return
      before = marks
    }
  }

  #pending(): boolean {
    return this.#next < this.#doing.length || this.#open.some((one) => !one.done)
  }

  #processes(): readonly ServiceProcess[] {
    return names.map((name) => this.world.processes[name])
  }

  async #step(): Promise<void> {
    const { random, scheduler, pace } = this.world
    if (scheduler.parked.length > 0 && random.chance(0.6)) return scheduler.resume(random.int(scheduler.parked.length))
    const dice = random.int(100)
    if (dice < pace.asking) return this.#ask()
    if (dice < pace.asking + 2) return this.#job()
    const name = random.pick(names) ?? 'gateway'
    if (dice % 2 === 0) return (await this.#relay(name)) ? undefined : this.#deliver(name).then(() => undefined)
    await this.#deliver(name)
  }

  /** true: something was done */
  async #work(): Promise<boolean> {
    const { scheduler, random } = this.world
    if (scheduler.parked.length > 0) {
      await scheduler.resume(random.int(scheduler.parked.length))
      return true
    }
    const first = random.int(names.length)
    for (let n = 0; n < names.length; n++) {
      const name = names[(first + n) % names.length] ?? 'gateway'
      if ((await this.#relay(name)) || (await this.#deliver(name))) return true
      const [row] = this.world.processes[name].parked.committed.values()
      const { live } = this.world.processes[name]
      if (row === undefined || live?.ready !== true) continue
      await this.world.consumers[name].redrive(live, row.message.key)
      return true
    }
    return false
  }

  async #deliver(name: ServiceName): Promise<boolean> {
    const process = this.world.processes[name]
    if (process.live === undefined) {
      await this.world.takeOver(process)
      return true
    }
    if (!process.live.ready) {
      // A start that was broken off is tried again.
      if (process.live.tasks.size > 0) return false
      process.crash(process.live)
      return true
    }
    const [zombie] = process.zombies
    const incarnation = zombie !== undefined && this.world.random.chance(0.3) ? zombie : process.live
    const delivery = this.world.consumers[name].deliver(incarnation)
    if (delivery === undefined) return false
    await delivery
    return true
  }

  async #relay(name: ServiceName): Promise<boolean> {
    const process = this.world.processes[name]
    const of = [process.live, ...process.zombies].filter((one) => one?.ready === true && !one.relay.busy)
    const incarnation = of[this.world.random.int(of.length)]
    if (incarnation === undefined || incarnation.relay.publishable().length === 0) return false
    await process.spawn(incarnation, { name: 'relay', run: () => process.relay(incarnation) })
    return true
  }

  async #ask(): Promise<void> {
    const waiting = this.#open.filter((one) => !one.done && (one.task === undefined || one.task.state === 'ended'))
    const again = waiting[this.world.random.int(waiting.length)]
    const next = this.#doing[this.#next]
    const one = again !== undefined && (next === undefined || this.#open.length > 4) ? again : next
    if (one === undefined) return
    if (one === next) {
      this.#next++
      this.#open.push(one)
    }
    await this.#do(one)
    const left = this.#open.filter((each) => !each.done)
    this.#open.splice(0, this.#open.length, ...left)
  }

  async #do(one: Doing): Promise<void> {
    const before = this.world.scheduler.started
    await this.world.act(one.act, () => {
      one.done = true
    })
    one.task = this.world.scheduler.started === before ? undefined : this.world.scheduler.latest
  }

  async #job(): Promise<void> {
    const { random } = this.world
    const which = random.int(4)
    if (which === 0) await this.world.holdOverdue()
    else if (which === 1) await this.world.decideHeldAgain()
    else await this.#outboxJob(this.world.processes[random.pick(names) ?? 'gateway'], which === 2 ? 'mark' : 'sweep')
  }

  async #outboxJob(process: ServiceProcess, which: 'mark' | 'sweep'): Promise<void> {
    const { live } = process
    if (live?.ready !== true || live.relay.busy) return
    await process.spawn(live, {
      name: which,
      run: () => (which === 'mark' ? process.mark(live) : process.sweep(live, { all: false })),
    })
  }

  async #upkeep(): Promise<void> {
    await this.world.holdOverdue()
    while (await this.#work());
    await this.world.decideHeldAgain()
    while (await this.#work());
    for (const process of this.#processes()) await this.#outboxJob(process, 'sweep')
  }

  async #fault(): Promise<void> {
    const { random, history } = this.world
    const process = this.world.processes[random.pick(names) ?? 'gateway']
    const which = random.int(8)
    if (which === 0) this.world.now += DEADLINE_MS + random.int(60_000)
    else if (which === 1) this.world.now -= random.int(500)
    else if (which === 2 && process.live !== undefined) process.crash(process.live)
    else if (which === 3 && process.live?.ready === true && process.zombies.size === 0) {
      history.count('take-overs')
      await this.world.takeOver(process)
    } else if (which === 4) this.#repeat()
    else if (which === 5) this.world.forgeReceipt()
    else if (which === 6) this.#spoil()
    else if (which === 7) for (const zombie of process.zombies) process.crash(zombie)
  }

  /** A producer that did not hear from the broker sends again: the same event at a later offset. */
  #repeat(): void {
    const { random, topics, history } = this.world
    const { all } = topics
    const message = all[random.int(all.length)]
    if (message === undefined || message.seq < 0) return
    history.count('repeated events')
    topics.append(message)
  }

  /** A message that cannot be read until it is mended; the ledger's are left alone, it would stop. */
  #spoil(): void {
    const { random, topics, history } = this.world
    const found = topics.all.filter(({ topic }) => topic === 'weir.identity' || topic === 'weir.classification')
    const message = found[random.int(found.length)]
    if (message === undefined) return
    history.count('spoilt messages')
    this.world.unreadable.add(message.id)
  }
}
