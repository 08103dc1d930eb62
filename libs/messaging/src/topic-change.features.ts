import { until, type TestDatabase } from '@weir/testing'
import type { Admin } from 'kafkajs'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, heardDatabase, listener, told } from '../test/listening-service.js'
import { newKey, numbered } from '../test/workbench.js'
import { groupOf } from './kafka-access.js'
import type { KafkaUnderTest } from './kafkajs-remedies.features.js'
import type { MessageRuntime } from './message-runtime.js'
import type { Transport } from './transport.js'

/** Topics that somebody changes under way, which only an administrator of the broker can do. */
export function topicChangeFeatures(feature: Feature, under: (prefix: string) => KafkaUnderTest): void {
  let at: TestDatabase
  let admin: Admin
  const ending: (() => Promise<void>)[] = []
  beforeEach(async () => {
    at = await heardDatabase('gateway')
    admin = under('').kafka().admin()
    await admin.connect()
  })
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
    await admin.disconnect()
    await at.drop()
  })
  async function start(prefix: string): Promise<{ readonly runtime: MessageRuntime; readonly transport: Transport }> {
    const transport = under(prefix).open()
    ending.push(() => transport.close())
    const runtime = listener({ database: at, transport })
    await runtime.start()
    ending.push(() => runtime.drain())
    return { runtime, transport }
  }

  feature('a partition count that was changed stops the service and is refused at the next start', async () => {
    const prefix = `grown-${newKey()}.`
    const key = newKey()
    const { runtime, transport } = await start(prefix)
    await transport.publish([told({ key, name: 'before' })])
    await awaitHeard(at, key, 1)
    await admin.createPartitions({ topicPartitions: [{ topic: `${prefix}weir.customers`, count: 5 }] })

    const trouble = await until(() => runtime.trouble()?.match(/has 5 partitions, not 4: .*/), {
      describe: 'it says so',
      timeoutMs: 20_000,
    })
    expect(trouble[0]).toContain('customers would change their partition')
    expect(transport.trouble()).toContain('has 5 partitions')
    await until(
      async () => {
        const { groups } = await admin.describeGroups([prefix + groupOf('gateway')])
        return groups.every(({ members }) => members.length === 0)
      },
      { describe: 'it has left the group', timeoutMs: 20_000 },
    )
    const next = under(prefix).open()
    ending.push(() => next.close())
    await expect(next.ensureTopics(['weir.customers'])).rejects.toMatchObject({ code: 'topic-mismatch' })
  })

  feature('a topic that was deleted is missed, and one that takes its place is read from its beginning', async () => {
    const prefix = `gone-${newKey()}.`
    const topic = `${prefix}weir.customers`
    const keys = numbered(0, 4).map(newKey)
    const { runtime, transport } = await start(prefix)
    const old = numbered(0, 5).flatMap((name) => keys.map((key) => told({ key, name })))
    await transport.publish(old)
    for (const key of keys) await awaitHeard(at, key, 5)
    await admin.deleteTopics({ topics: [topic] })
    await until(() => runtime.trouble()?.includes(`${topic} does not exist any more`), { describe: 'it says so', timeoutMs: 20_000 })

    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] })
    // More than there was before: what comes first lies where the position would pass over it.
    const fresh = numbered(5, 20).flatMap((name) => keys.map((key) => told({ key, name })))
    await until(() => transport.publish(fresh).then(() => true), { describe: 'it is published', timeoutMs: 30_000 })

    for (const key of keys) expect(await awaitHeard(at, key, 25)).toEqual(numbered(0, 25))
    await until(() => runtime.trouble() === undefined, { describe: 'the trouble is over', timeoutMs: 20_000 })
  })
}
