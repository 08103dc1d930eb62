export interface Run<Item> {
  readonly pattern: string
  readonly items: readonly Item[]
}

interface Sorting<Item> {
  /** items of one place keep their order; places have none among each other */
  placeOf(item: Item): string
  patternOf(item: Item): string
}

/**
 * The fewest calls that this greedy way finds: each takes what every place has next of one pattern. A service that reads
 * four partitions of three topics gets three calls, not twelve.
 */
export function runsOf<Item>(items: readonly Item[], { placeOf, patternOf }: Sorting<Item>): Run<Item>[] {
  const queues = [...Map.groupBy(items, placeOf).values()].map((queue) => ({ queue, next: 0 }))
  const runs: Run<Item>[] = []
  for (;;) {
    const first = queues.find(({ queue, next }) => next < queue.length)
    const head = first?.queue[first.next]
    if (head === undefined) return runs
    const pattern = patternOf(head)
    const taken: Item[] = []
    for (const lane of queues) {
      for (let item = lane.queue[lane.next]; item !== undefined && patternOf(item) === pattern; item = lane.queue[lane.next]) {
        taken.push(item)
        lane.next++
      }
    }
    runs.push({ pattern, items: taken })
  }
}
