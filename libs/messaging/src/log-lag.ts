import type { PartitionLag } from './transport.js'

/** The message that a consumer reads next. */
export interface LogPosition {
  readonly topic: string
  readonly partition: number
  readonly next: bigint
}

/** A log that lost its end leaves nobody ahead of it. */
export function lagOf(positions: readonly LogPosition[], ends: ReadonlyMap<string, bigint>): PartitionLag[] {
  return positions.flatMap(({ topic, partition, next }) => {
    const end = ends.get(`${topic}/${partition}`)
    if (end === undefined) return []
    return [{ topic, partition, messages: Number(end > next ? end - next : 0n) }]
  })
}
