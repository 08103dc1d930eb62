import type { EventType } from '@weir/contracts'

/** An event on its way. Its data is shared and never written to. */
export interface Outgoing {
  readonly id: string
  readonly type: EventType
  readonly topic: string
  readonly key: string
  readonly subject: string
  readonly source: string
  readonly time: string
  readonly data: unknown
  /** number of its outbox row; -1: no service of ours wrote it */
  readonly seq: number
}

export interface Message extends Outgoing {
  readonly partition: number
  readonly offset: number
}

export const PARTITIONS = 3

/** The broker: logs that keep what they were given, in order per partition. */
export class Topics {
  readonly #logs = new Map<string, Message[][]>()

  append(event: Outgoing): void {
    const partition = partitionOf(event.key)
    const log = this.log(event.topic, partition)
    log.push({ ...event, partition, offset: log.length })
  }

  log(topic: string, partition: number): Message[] {
    let logs = this.#logs.get(topic)
    if (logs === undefined) {
      logs = Array.from({ length: PARTITIONS }, () => [])
      this.#logs.set(topic, logs)
    }
    const log = logs[partition]
    if (log === undefined) throw new RangeError(`${topic} has no partition ${partition}`)
    return log
  }

  /** all of a topic, partition after partition */
  of(topic: string): Message[] {
    return (this.#logs.get(topic) ?? []).flat()
  }

  get size(): number {
    let size = 0
    for (const logs of this.#logs.values()) for (const log of logs) size += log.length
    return size
  }

  get all(): Message[] {
    return [...this.#logs.values()].flat(2)
  }
}

const partitions = new Map<string, number>()

/** The same partition for the same key on every topic. */
function partitionOf(key: string): number {
  const known = partitions.get(key)
  if (known !== undefined) return known
  let hash = 2166136261
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 16777619)
  const partition = (hash >>> 0) % PARTITIONS
  // Keys come back: customers and tenants are few.
  if (partitions.size < 10_000) partitions.set(key, partition)
  return partition
}
