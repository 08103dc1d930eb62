import type { Scheduler, Task } from './scheduler.js'

export type LockMode = 'share' | 'exclusive'

/** What the database tells one of two transactions that wait for each other; as transient as the real one. */
export class TransientFault extends Error {
  constructor(message: string) {
    // Nobody reads where it was thrown, and there are many.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
  }
}

interface Waiter {
  readonly holder: object
  readonly mode: LockMode
  readonly task: Task
}

interface Lock {
  readonly owners: Map<object, LockMode>
  queue: Waiter[]
}

/** Row, table and advisory locks of one database, held until the transaction ends. */
export class Locks {
  readonly #locks = new Map<string, Lock>()
  readonly #heldBy = new Map<object, Set<string>>()

  constructor(private readonly scheduler: Scheduler) {}

  /** undefined: held now. Else resolves once it is. Throws where waiting would never end. */
  acquire(holder: object, name: string, mode: LockMode): Promise<void> | undefined {
    if (this.tryAcquire(holder, name, mode)) return undefined
    const lock = this.#lockOf(name)
    if (this.#waitsFor(holder, { lock, mode, seen: new Set() })) throw new TransientFault('deadlock detected')
    lock.queue.push({ holder, mode, task: this.scheduler.running })
    return this.scheduler.block()
  }

  tryAcquire(holder: object, name: string, mode: LockMode): boolean {
    const lock = this.#lockOf(name)
    const own = lock.owners.get(holder)
    if (own === 'exclusive' || own === mode) return true
    const free = own === undefined ? lock.queue.length === 0 && fits(lock, mode) : lock.owners.size === 1
    if (free) this.#grant(holder, name, mode)
    return free
  }

  release(holder: object): void {
    const names = this.#heldBy.get(holder)
    this.#heldBy.delete(holder)
    for (const name of names ?? []) {
      const lock = this.#lockOf(name)
      lock.owners.delete(holder)
      this.#serve(name, lock)
    }
  }

  /** A waiting holder dies. */
  forget(holder: object): void {
    for (const [name, lock] of this.#locks) {
      if (!lock.queue.some((waiter) => waiter.holder === holder)) continue
      lock.queue = lock.queue.filter((waiter) => waiter.holder !== holder)
      this.#serve(name, lock)
    }
    this.release(holder)
  }

  #serve(name: string, lock: Lock): void {
    for (let first = lock.queue[0]; first !== undefined; first = lock.queue[0]) {
      const alone = lock.owners.size === 1 && lock.owners.has(first.holder)
      if (!alone && !fits(lock, first.mode)) return
      lock.queue.shift()
      this.#grant(first.holder, name, first.mode)
      this.scheduler.unblock(first.task)
    }
    if (lock.owners.size === 0) this.#locks.delete(name)
  }

  #grant(holder: object, name: string, mode: LockMode): void {
    this.#lockOf(name).owners.set(holder, mode)
    const held = this.#heldBy.get(holder)
    if (held === undefined) this.#heldBy.set(holder, new Set([name]))
    else held.add(name)
  }

  #waitsFor(holder: object, on: { readonly lock: Lock; readonly mode: LockMode; readonly seen: Set<object> }): boolean {
    const others = [...on.lock.owners.keys(), ...on.lock.queue.map((waiter) => waiter.holder)].filter((other) => !on.seen.has(other))
    for (const other of others) {
      if (other === holder && on.seen.size > 0) return true
      if (other === holder) continue
      on.seen.add(other)
      for (const lock of this.#locks.values()) {
        const waiter = lock.queue.find((one) => one.holder === other)
        if (waiter !== undefined && this.#waitsFor(holder, { lock, mode: waiter.mode, seen: on.seen })) return true
      }
    }
    return false
  }

  #lockOf(name: string): Lock {
    const known = this.#locks.get(name)
    if (known !== undefined) return known
    const lock: Lock = { owners: new Map(), queue: [] }
    this.#locks.set(name, lock)
    return lock
  }
}

const fits = ({ owners }: Lock, mode: LockMode): boolean =>
  owners.size === 0 || (mode === 'share' && [...owners.values()].every((held) => held === 'share'))
