import { isTransient } from '@weir/persistence'
import type { PartitionBatch } from './transport.js'

const MOST_MESSAGES = 512

interface Queued {
  readonly batch: PartitionBatch
  done(): void
  failed(error: unknown): void
}

export interface GathererParts {
  /** one transaction over batches of different partitions; rejects when any of them fails */
  together(batches: readonly PartitionBatch[]): Promise<void>
  /** the same for a batch that was in a transaction that failed */
  alone(batch: PartitionBatch): Promise<void>
}

/**
 * Gathers the batches of all partitions of a service into one transaction at a time: whatever arrives while one runs makes
 * up the next, so that a commit is paid once by all of them and nobody waits for a timer. A batch's promise settles with
 * the transaction that holds it.
 */
export class Gatherer {
  private queue: Queued[] = []
  private running = false

  constructor(private readonly parts: GathererParts) {}

  add(batch: PartitionBatch): Promise<void> {
    return new Promise((done, failed) => {
      this.queue.push({ batch, done, failed })
      if (!this.running) void this.drain()
    })
  }

  private async drain(): Promise<void> {
    this.running = true
    while (this.queue.length > 0) {
      // What one publish woke arrives in one turn of the event loop.
      await new Promise((done) => setImmediate(done))
      await this.settle(this.take())
    }
    this.running = false
  }

  /** A batch that fails by itself fails alone: the others are tried without it. */
  private async settle(taken: readonly Queued[]): Promise<void> {
    try {
      await this.parts.together(taken.map(({ batch }) => batch))
      for (const { done } of taken) done()
    } catch (error) {
      if (isTransient(error)) for (const { failed } of taken) failed(error)
      else for (const one of taken) await this.parts.alone(one.batch).then(one.done, one.failed)
    }
  }

  /** At least one batch, and whole ones only; by topic, so that events of one type reach their handler together. */
  private take(): Queued[] {
    let size = 0
    const count = this.queue.findIndex(({ batch }) => (size += batch.messages.length) > MOST_MESSAGES)
    const taken = this.queue.splice(0, count === -1 ? this.queue.length : Math.max(1, count))
    return taken.sort((a, b) => a.batch.topic.localeCompare(b.batch.topic))
  }
}
