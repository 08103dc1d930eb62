import { isTransient } from '@weir/persistence'

export interface GathererParts<Item, Answer> {
  /** one transaction over all of them; answers in their order; rejects when any of them fails */
  together(items: readonly Item[]): Promise<readonly Answer[]>
  /** the same for an item that was in a transaction that failed */
  alone(item: Item): Promise<Answer>
  /** the most that `sizeOf` may sum up to in one transaction, except for a single item */
  readonly most: number
  sizeOf(item: Item): number
  /** two items of one name never share a transaction: the later one has to see what the earlier one left */
  nameOf?(item: Item): string
  /** how long the first one waits for others; default: until the event loop comes round */
  readonly waitMs?: number
}

interface Queued<Item, Answer> {
  readonly item: Item
  done(answer: Answer): void
  failed(error: unknown): void
}

/**
 * Gathers what arrives while a transaction runs into the next one, one at a time, so that a commit is paid once by all who
 * wait for it and, by default, nobody waits for a timer. An item's promise settles with the transaction that holds it.
 */
export class Gatherer<Item, Answer> {
  private queue: Queued<Item, Answer>[] = []
  private running = false

  constructor(private readonly parts: GathererParts<Item, Answer>) {}

  add(item: Item): Promise<Answer> {
    return new Promise((done, failed) => {
      this.queue.push({ item, done, failed })
      if (!this.running) void this.drain()
    })
  }

  private async drain(): Promise<void> {
    this.running = true
    while (this.queue.length > 0) {
      await this.wait()
      await this.settle(this.take())
    }
    this.running = false
  }

  /** What one event woke arrives in one turn of the event loop. */
  private wait(): Promise<unknown> {
    const { waitMs } = this.parts
    return new Promise((done) => (waitMs === undefined ? setImmediate(done) : setTimeout(done, waitMs)))
  }

  /** An item that fails by itself fails alone: the others are tried without it. */
  private async settle(taken: readonly Queued<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.parts.together(taken.map(({ item }) => item))
      for (const [n, answer] of answers.entries()) taken[n]?.done(answer)
    } catch (error) {
      if (isTransient(error)) for (const { failed } of taken) failed(error)
      else for (const one of taken) await this.parts.alone(one.item).then(one.done, one.failed)
    }
  }

  /** From the front, at least one, as long as they fit and none is of the same name as another. */
  private take(): Queued<Item, Answer>[] {
    const names = new Set<string>()
    let size = 0
    const end = this.queue.findIndex(({ item }) => {
      const name = this.parts.nameOf?.(item)
      const before = size
      size += this.parts.sizeOf(item)
      if ((before > 0 && size > this.parts.most) || (name !== undefined && names.has(name))) return true
      if (name !== undefined) names.add(name)
      return false
    })
    return this.queue.splice(0, end === -1 ? this.queue.length : Math.max(1, end))
  }
}
