import type { Admin, Kafka } from 'kafkajs'

/** Where Kafka's partitions end. A connection of its own, because a consumer's waits while it has nothing to fetch. */
export class KafkaLogEnds {
  private admin: Promise<Admin> | undefined

  constructor(private readonly parts: { readonly kafka: Kafka; readonly prefix: string }) {}

  async of(topics: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    try {
      const admin = await this.connected()
      const ends = await Promise.all(
        topics.map(async (topic) =>
          (await admin.fetchTopicOffsets(this.parts.prefix + topic)).map(({ partition, high }): [string, bigint] => [
            `${topic}/${partition}`,
            BigInt(high),
          ]),
        ),
      )
      return new Map(ends.flat())
    } catch (error) {
      await this.close()
      throw error
    }
  }

  private connected(): Promise<Admin> {
    this.admin ??= (async () => {
      const admin = this.parts.kafka.admin({ retry: { retries: 1 } })
      await admin.connect()
      return admin
    })()
    return this.admin
  }

  async close(): Promise<void> {
    const admin = await this.admin?.catch(() => undefined)
    this.admin = undefined
    await admin?.disconnect().catch(() => undefined)
  }
}
