import type { Transaction } from '@weir/persistence'
import type { EventType } from '@weir/contracts'
import type { NewEvent } from './event.js'

/**
 * One transaction in which state changes and the events that tell of them are saved together.
 * Handlers get one per batch and partition (fence and inbox are already done); commands and jobs open one themselves.
 */
export interface UnitOfWork {
  readonly tx: Transaction
  /** the database's clock at the start of the transaction; the only clock that decisions may use */
  readonly now: Date
  /**
   * Writes the event to the outbox of this transaction; it is relayed right after the commit, in emit order per key,
   * and by the sweeper if the process dies before. The id is UUIDv5 of (unit name, cause id, ordinal of that cause).
   */
  emit<T extends EventType>(event: NewEvent<T>): void
  /** Runs after the commit, in this process only, at most once; for waking waiters, never for effects. */
  afterCommit(task: () => void): void
}

/** For HTTP commands and periodic jobs: the same steps as a handler, without a position in a topic. */
export interface UnitOfWorkRunner {
  /**
   * @param name stable name of the command or job, part of the ids of its events
   * Rejects with the database's error and leaves nothing behind; the caller decides whether to repeat.
   */
  run<T>(name: string, work: (unit: UnitOfWork) => Promise<T>): Promise<T>
  /** events committed but not yet published by this service: what backpressure looks at */
  outboxDepth(): number
}
