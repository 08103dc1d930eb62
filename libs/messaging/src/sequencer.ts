import { isTransient } from '@weir/persistence'
import type { PartitionBatch } from './transport.js'

const FLUSH_AFTER_MS = 5
const FLUSH_AT = 512

interface Queued {
  readonly batch: PartitionBatch
  done(): void
  failed(error: unknown): void
}

/**
 * Gathers the batches of all partitions into one transaction at a time, because all entries share one head. Flushed when
 * 5 ms have passed or 512 messages wait. A batch's promise settles with the transaction that holds it.
 */
export class Sequencer {
  private queue: Queued[] = []
  private running = false

  constructor(private readonly process: (batches: readonly PartitionBatch[]) => Promise<void>) {}

  add(batch: PartitionBatch): Promise<void> {
    return new Promise((done, failed) => {
      this.queue.push({ batch, done, failed })
      if (!this.running) void this.drain()
    })
  }

  private async drain(): Promise<void> {
    this.running = true
    while (this.queue.length > 0) {
      if (this.size() < FLUSH_AT) await new Promise((done) => setTimeout(done, FLUSH_AFTER_MS))
      await this.settle(this.take())
    }
    this.running = false
  }

  /** A batch that fails by itself fails alone: the others are tried without it. */
  private async settle(taken: readonly Queued[]): Promise<void> {
    try {
      await this.process(taken.map(({ batch }) => batch))
      for (const { done } of taken) done()
    } catch (error) {
      if (taken.length === 1 || isTransient(error)) for (const { failed } of taken) failed(error)
      else for (const one of taken) await this.settle([one])
    }
  }

  private size(): number {
    return this.queue.reduce((sum, { batch }) => sum + batch.messages.length, 0)
  }

  /** At least one batch, and whole ones only. */
  private take(): Queued[] {
    let size = 0
    const count = this.queue.findIndex(({ batch }) => (size += batch.messages.length) > FLUSH_AT)
    return this.queue.splice(0, count === -1 ? this.queue.length : Math.max(1, count))
  }
}
