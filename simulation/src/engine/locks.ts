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

interface Held {
  readonly holder: object
  mode: LockMode
}

interface Waiter {
  readonly holder: object
  readonly mode: LockMode
  readonly task: Task
}

interface Lock {
  readonly name: string
  /** few, mostly one */
  owners: Held[]
  queue: Waiter[]
}

/** Row, table and advisory locks of one database, held until the transaction ends. */
export class Locks {
  readonly #locks = new Map<string, Lock>()
  readonly #heldBy = new Map<object, Lock[]>()
  readonly #waiting = new Map<object, Lock>()

  constructor(private readonly scheduler: Scheduler) {}

  /** undefined: held now. Else resolves once it is. Throws where waiting would never end. */
  acquire(holder: object, name: string, mode: LockMode): Promise<void> | undefined {
    const lock = this.#lockOf(name)
    if (this.#take(holder, lock, mode)) return undefined
    if (this.#waitsFor(holder, { lock, mode, seen: new Set() })) throw new TransientFault('deadlock detected')
    lock.queue.push({ holder, mode, task: this.scheduler.running })
    this.#waiting.set(holder, lock)
    return this.scheduler.block()
  }

  tryAcquire(holder: object, name: string, mode: LockMode): boolean {
    return this.#take(holder, this.#lockOf(name), mode)
  }

  release(holder: object): void {
    const locks = this.#heldBy.get(holder)
    if (locks === undefined) return
    this.#heldBy.delete(holder)
    for (const lock of locks) {
      if (lock.owners.length > 1) lock.owners = lock.owners.filter((held) => held.holder !== holder)
      else lock.owners.length = 0
      this.#serve(lock)
    }
  }

  /** A waiting holder dies. */
  forget(holder: object): void {
    const lock = this.#waiting.get(holder)
    if (lock !== undefined) {
      this.#waiting.delete(holder)
      lock.queue = lock.queue.filter((waiter) => waiter.holder !== holder)
      this.#serve(lock)
    }
    this.release(holder)
  }

  #take(holder: object, lock: Lock, mode: LockMode): boolean {
    const own = ownedBy(lock, holder)
    if (own === undefined) {
      if (lock.queue.length > 0 || !fits(lock, mode)) return false
      this.#grant(holder, lock, mode)
      return true
    }
    if (own.mode === 'exclusive' || own.mode === mode) return true
    if (lock.owners.length > 1) return false
    own.mode = mode
    return true
  }

  #serve(lock: Lock): void {
    for (let first = lock.queue[0]; first !== undefined; first = lock.queue[0]) {
      const alone = lock.owners.length === 1 ? ownedBy(lock, first.holder) : undefined
      if (alone === undefined && !fits(lock, first.mode)) return
      lock.queue.shift()
      this.#waiting.delete(first.holder)
      if (alone === undefined) this.#grant(first.holder, lock, first.mode)
      else alone.mode = first.mode
      this.scheduler.unblock(first.task)
    }
    if (lock.owners.length === 0) this.#locks.delete(lock.name)
  }

  #grant(holder: object, lock: Lock, mode: LockMode): void {
    lock.owners.push({ holder, mode })
    const held = this.#heldBy.get(holder)
    if (held === undefined) this.#heldBy.set(holder, [lock])
    else held.push(lock)
  }

  #waitsFor(holder: object, on: { readonly lock: Lock; readonly mode: LockMode; readonly seen: Set<object> }): boolean {
    for (const other of [...on.lock.owners, ...on.lock.queue].map((one) => one.holder)) {
      if (other === holder && on.seen.size > 0) return true
      if (other === holder || on.seen.has(other)) continue
      on.seen.add(other)
      const lock = this.#waiting.get(other)
      if (lock !== undefined && this.#waitsFor(holder, { ...on, lock })) return true
    }
    return false
  }

  #lockOf(name: string): Lock {
    const known = this.#locks.get(name)
    if (known !== undefined) return known
    const lock: Lock = { name, owners: [], queue: [] }
    this.#locks.set(name, lock)
    return lock
  }
}

const ownedBy = ({ owners }: Lock, holder: object): Held | undefined => owners.find((held) => held.holder === holder)

const fits = ({ owners }: Lock, mode: LockMode): boolean =>
  owners.length === 0 || (mode === 'share' && owners.every((held) => held.mode === 'share'))
