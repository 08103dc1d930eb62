import type { Transaction } from '@weir/persistence'
import type { LockMode } from './locks.js'

interface Committable {
  commit(tx: SimTransaction): void
  discard(tx: SimTransaction): void
}

/** What a transaction asks of the database it runs in. */
interface Running {
  /** the await of a statement: others may run here, the process may die, the connection may break */
  step(tx: SimTransaction): Promise<void> | undefined
  lock(tx: SimTransaction, on: { readonly name: string; readonly mode: LockMode }): Promise<void> | undefined
  tryLock(tx: SimTransaction, name: string): boolean
}

/** A transaction of the simulated database: writes are its own until it commits; locks are held until it ends. */
export class SimTransaction implements Transaction {
  readonly #touched = new Set<Committable>()
  readonly #onCommit: (() => void)[] = []
  state: 'open' | 'committed' | 'rolled-back' = 'open'

  constructor(private readonly running: Running) {}

  /** First line of every store method. */
  step(): Promise<void> | undefined {
    this.#mustBeOpen()
    return this.running.step(this)
  }

  lock(name: string, mode: LockMode = 'exclusive'): Promise<void> | undefined {
    this.#mustBeOpen()
    return this.running.lock(this, { name, mode })
  }

  /** In this order, as `order by … for update` has it. */
  async lockAll(names: readonly string[], mode: LockMode = 'exclusive'): Promise<void> {
    for (const name of names) await this.lock(name, mode)
  }

  tryLock(name: string): boolean {
    return this.running.tryLock(this, name)
  }

  touch(table: Committable): void {
    this.#mustBeOpen()
    this.#touched.add(table)
  }

  onCommit(task: () => void): void {
    this.#onCommit.push(task)
  }

  end(state: 'committed' | 'rolled-back'): void {
    this.state = state
    for (const table of this.#touched) {
      if (state === 'committed') table.commit(this)
      else table.discard(this)
    }
    if (state === 'committed') for (const task of this.#onCommit) task()
  }

  #mustBeOpen(): void {
    if (this.state !== 'open') throw new Error('the transaction has ended')
  }

  query<Row>(sql: string): Promise<Row[]> {
    return Promise.reject(new Error(`the simulated database speaks no SQL: ${sql.slice(0, 60)}`))
  }

  get manager(): never {
    throw new Error('the simulated database has no entity manager')
  }
}

export function simulated(tx: Transaction): SimTransaction {
  if (tx instanceof SimTransaction) return tx
  throw new TypeError('a transaction of another database')
}

/** Rows by key, read committed: a transaction sees what others committed, and what it wrote itself. */
export class Table<Row> {
  readonly #rows = new Map<string, Row>()
  readonly #writes = new Map<SimTransaction, Map<string, Row | undefined>>()

  get(tx: SimTransaction, key: string): Row | undefined {
    const own = this.#writes.size === 0 ? undefined : this.#writes.get(tx)
    if (own === undefined) return this.#rows.get(key)
    const written = own.get(key)
    return written === undefined && !own.has(key) ? this.#rows.get(key) : written
  }

  set(tx: SimTransaction, key: string, row: Row | undefined): void {
    const own = this.#writes.get(tx)
    if (own !== undefined) {
      own.set(key, row)
      return
    }
    tx.touch(this)
    this.#writes.set(tx, new Map([[key, row]]))
  }

  values(tx: SimTransaction): Row[] {
    if (this.#rows.size === 0 && this.#writes.size === 0) return []
    const own = this.#writes.get(tx)
    if (own === undefined) return [...this.#rows.values()]
    const seen: Row[] = []
    for (const [key, row] of this.#rows) if (!own.has(key)) seen.push(row)
    for (const row of own.values()) if (row !== undefined) seen.push(row)
    return seen
  }

  /** What is committed, for those who look from outside. */
  get committed(): ReadonlyMap<string, Row> {
    return this.#rows
  }

  commit(tx: SimTransaction): void {
    for (const [key, row] of this.#writes.get(tx) ?? []) {
      if (row === undefined) this.#rows.delete(key)
      else this.#rows.set(key, row)
    }
    this.#writes.delete(tx)
  }

  discard(tx: SimTransaction): void {
    this.#writes.delete(tx)
  }
}
