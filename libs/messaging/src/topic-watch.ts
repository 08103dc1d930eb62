import type { Admin, Kafka } from 'kafkajs'

interface TopicWatchParts {
  readonly kafka: Kafka
  readonly partitions: number
  readonly everyMs: number
  /** topics with their prefix */
  topics(): ReadonlySet<string>
  /** whatever comes under this name from now on is another topic */
  onGone(topic: string): void
  /** undefined: all of them are as they should be */
  onChange(trouble: string | undefined): void
}

/**
 * Looks now and then whether the topics are still there and still have their partitions: kafkajs would notice within
 * minutes, and then go on with a partition count under which foreign writers send customers to other partitions.
 */
export class TopicWatch {
  private admin: Promise<Admin> | undefined
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> = Promise.resolve()
  private trouble: string | undefined
  private closed = false

  constructor(private readonly parts: TopicWatchParts) {}

  start(): void {
    if (this.closed || this.timer !== undefined) return
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => {
        this.timer = undefined
        this.start()
      })
    }, this.parts.everyMs)
    this.timer.unref()
  }

  private async look(): Promise<void> {
    try {
      const admin = await this.connected()
      const { topics } = await admin.fetchTopicMetadata()
      const found = new Map(topics.map((topic) => [topic.name, topic.partitions.length]))
      const trouble = this.troubleOf(found)
      if (trouble === this.trouble || this.closed) return
      this.trouble = trouble
      this.parts.onChange(trouble)
    } catch {
      // The broker is away, which those who publish and consume tell; the topics may be well.
      await this.disconnect()
    }
  }

  private troubleOf(found: ReadonlyMap<string, number>): string | undefined {
    const gone = [...this.parts.topics()].filter((topic) => !found.has(topic))
    for (const topic of gone) this.parts.onGone(topic)
    if (gone.length > 0) return `${gone.join(', ')} ${gone.length === 1 ? 'does' : 'do'} not exist any more`
    for (const topic of this.parts.topics()) {
      const count = found.get(topic) ?? 0
      if (count > 0 && count !== this.parts.partitions) return mismatch(topic, { count, wanted: this.parts.partitions })
    }
    return undefined
  }

  private connected(): Promise<Admin> {
    this.admin ??= (async () => {
      const admin = this.parts.kafka.admin({ retry: { retries: 1 } })
      await admin.connect()
      return admin
    })()
    return this.admin
  }

  private async disconnect(): Promise<void> {
    const admin = await this.admin?.catch(() => undefined)
    this.admin = undefined
    await admin?.disconnect().catch(() => undefined)
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    await this.looking
    await this.disconnect()
  }
}

export const mismatch = (topic: string, { count, wanted }: { readonly count: number; readonly wanted: number }): string =>
  `${topic} has ${count} partitions, not ${wanted}: with another count, customers would change their partition`
