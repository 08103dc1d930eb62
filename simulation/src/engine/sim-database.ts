import { Locks, TransientFault } from './locks.js'
import type { Random } from './random.js'
import type { Scheduler } from './scheduler.js'
import { SimTransaction } from './sim-transaction.js'

/** How likely each thing is at every await of a port. */
export interface Weather {
  /** another task goes first */
  readonly interleave: number
  /** the process dies here */
  readonly crash: number
  /** the database breaks the transaction off, as it does for serialization failures and lost connections */
  readonly transient: number
  /** the commit happened, and its answer is lost */
  readonly lostAnswer: number
}

export interface DatabaseHost {
  readonly scheduler: Scheduler
  readonly random: Random
  weather(): Weather
  /** Kills the process of the running task; never returns to it. */
  crash(): Promise<never>
}

/** One service's database: it outlives every crash of the service. */
export class SimDatabase {
  readonly locks: Locks

  constructor(private readonly host: DatabaseHost) {
    this.locks = new Locks(host.scheduler)
  }

  begin(): SimTransaction {
    const tx = new SimTransaction({
      step: () => this.#step(),
      lock: (holder, { name, mode }) => this.locks.acquire(holder, name, mode),
      tryLock: (holder, name) => this.locks.tryAcquire(holder, name, 'exclusive'),
    })
    this.host.scheduler.running.abandon = () => this.#end(tx, 'rolled-back')
    return tx
  }

  async commit(tx: SimTransaction): Promise<void> {
    await this.#step()
    this.#end(tx, 'committed')
    await this.afterwards()
    if (this.host.random.chance(this.host.weather().lostAnswer)) throw new TransientFault('the answer of the commit is lost')
  }

  rollBack(tx: SimTransaction): void {
    if (tx.state === 'open') this.#end(tx, 'rolled-back')
  }

  /** An await outside any transaction: nothing can be broken off, but the process can die. */
  afterwards(): Promise<void> | undefined {
    const { random, scheduler } = this.host
    const { crash, interleave } = this.host.weather()
    if (random.chance(crash)) return this.host.crash()
    return random.chance(interleave) ? scheduler.park() : undefined
  }

  #step(): Promise<void> | undefined {
    const { random } = this.host
    if (random.chance(this.host.weather().transient)) throw new TransientFault('the transaction was broken off')
    return this.afterwards()
  }

  #end(tx: SimTransaction, state: 'committed' | 'rolled-back'): void {
    if (tx.state !== 'open') return
    tx.end(state)
    this.locks.forget(tx)
  }
}
