import type { EntityManager } from 'typeorm'

/**
 * A running database transaction. Required first argument of every store method: a method without one could leave the
 * transaction unseen. It is dead once the function it was given to has returned.
 */
export interface Transaction {
  /** SQL with `$1` parameters; rows as the driver reads them (bigint as text). The hot paths use `unnest` arrays. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** TypeORM inside the same transaction, for entities off the hot path */
  readonly manager: EntityManager
}

/** One service's schema, through that service's role. */
export interface Database {
  /** Commits when `work` resolves, rolls back when it rejects. Never retries: the caller knows whether it may. */
  inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** A read outside any transaction, one statement, its own snapshot. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}
