import type { StoredMessage } from './transport.js'

/** Of each partition; a lane that is further behind reads from the database. */
const KEPT_PER_PARTITION = 512

/**
 * The newest committed messages of each partition, so that lanes of this process need not read what it has just written.
 * Only a shortcut: what is missing here is in the database.
 */
export class LogTail {
  private readonly partitions = new Map<string, Map<bigint, StoredMessage>>()

  /** Publishers may come back in another order than that of their commits; offsets tell the true one. */
  add(message: StoredMessage): void {
    const name = `${message.topic}/${message.partition}`
    const kept = this.partitions.get(name) ?? new Map<bigint, StoredMessage>()
    this.partitions.set(name, kept)
    kept.set(message.offset, message)
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_PER_PARTITION) break
      kept.delete(oldest)
    }
  }

  /** From `next` on without a gap, at most `limit`; empty when `next` is not here. */
  from(place: { readonly topic: string; readonly partition: number; readonly next: bigint }, limit: number): StoredMessage[] {
    const kept = this.partitions.get(`${place.topic}/${place.partition}`)
    const found: StoredMessage[] = []
    for (let offset = place.next; kept !== undefined && found.length < limit; offset += 1n) {
      const message = kept.get(offset)
      if (message === undefined) break
      found.push(message)
    }
    return found
  }
}
