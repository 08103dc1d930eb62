import { until, type TestDatabase } from '@weir/testing'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, heardDatabase, listener, registered, told } from '../test/listening-service.js'
import { ownBroker, type OwnBroker } from '../test/own-broker.js'
import { newKey, numbered } from '../test/workbench.js'
import type { MessageRuntime } from './message-runtime.js'
import type { Transport } from './transport.js'

/** A broker that is killed, or loses what it had said to hold; only where one can be started for that. */
export function brokerLossFeatures(feature: Feature, open: (options: { brokers: readonly string[]; prefix: string }) => Transport): void {
  let broker: OwnBroker
  let [at, producer]: TestDatabase[] = []
  const ending: (() => Promise<void>)[] = []
  beforeAll(async () => {
    broker = await ownBroker()
    at = await heardDatabase('gateway')
    producer = await heardDatabase('identity')
  }, 120_000)
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })
  afterAll(async () => {
    await broker.stop()
    await at?.drop()
    await producer?.drop()
  })

  const connect = (prefix: string) => {
    const transport = open({ brokers: broker.brokers, prefix })
    ending.push(() => transport.close())
    return transport
  }
  const start = async (runtime: MessageRuntime) => {
    await runtime.start()
    ending.push(() => runtime.drain())
    return runtime
  }
  const databaseOf = (one: TestDatabase | undefined) => {
    if (one === undefined) throw new Error('there is no database')
    return one
  }
  const listening = (prefix: string) => start(listener({ database: databaseOf(at), transport: connect(prefix) }))
  const speaking = (prefix: string) =>
    start(
      listener({
        database: databaseOf(producer),
        transport: connect(prefix),
        definition: { name: 'identity', consumes: [], produces: [registered] },
      }),
    )
  const say = (runtime: MessageRuntime, key: string, names: readonly string[]) =>
    runtime.unitOfWork.run('say', async (unit) => {
      const cause = { id: crypto.randomUUID() }
      for (const name of names) unit.emit({ type: registered, subject: key, key, data: { customerId: key, name, tenants: [] }, cause })
    })
  const isOut = (runtime: MessageRuntime) =>
    until(() => runtime.unitOfWork.outboxDepth() === 0, { describe: 'the outbox is empty', timeoutMs: 60_000 })

  feature(
    'a broker that was killed and came back: nothing is lost, nothing is twice, and nobody has to do anything',
    async () => {
      const keys = numbered(0, 4).map(newKey)
      const transport = connect('killed.')
      const [speaker, hearer] = [await speaking('killed.'), await listening('killed.')]
      for (const name of numbered(0, 10)) for (const key of keys) await say(speaker, key, [name])
      for (const key of keys) await awaitHeard(databaseOf(at), key, 1)
      await broker.kill()
      await expect(transport.publish([told({ key: newKey(), name: 'away' })])).rejects.toThrow()
      expect(transport.trouble()).toBeDefined()
      for (const name of numbered(10, 10)) for (const key of keys) await say(speaker, key, [name])
      expect(speaker.unitOfWork.outboxDepth()).toBeGreaterThan(0)

      await broker.start()
      await isOut(speaker)
      for (const key of keys) expect(await awaitHeard(databaseOf(at), key, 20)).toEqual(numbered(0, 20))
      await until(() => hearer.trouble() === undefined, { describe: 'the consumer is well', timeoutMs: 30_000 })
      await until(() => transport.publish([told({ key: newKey(), name: 'back' })]).then(() => true), { describe: 'it publishes' })
      expect(transport.trouble()).toBeUndefined()
    },
    150_000,
  )

  feature(
    'a broker that lost the end of its log without power: the outbox brings it back, what was handled is not done twice, and no new message is passed over',
    async () => {
      const keys = numbered(0, 4).map(newKey)
      const speaker = await speaking('cut.')
      const first = await listening('cut.')
      for (const key of keys) await say(speaker, key, ['kept'])
      for (const key of keys) await awaitHeard(databaseOf(at), key, 1)
      await isOut(speaker)
      const sizes = broker.sizesOf('cut.weir.customers')
      for (const key of keys) await say(speaker, key, numbered(0, 5))
      for (const key of keys) await awaitHeard(databaseOf(at), key, 6)
      await first.drain()
      for (const key of keys) await say(speaker, key, numbered(5, 5))
      await isOut(speaker)
      await broker.kill()
      const grown = [...broker.sizesOf('cut.weir.customers')].filter(([file, size]) => size > (sizes.get(file) ?? 0))
      expect(grown.length).toBeGreaterThan(0)
      // Some of it half-written: a batch of which only the beginning came to be on disk.
      broker.cut(new Map([...sizes].map(([file, size]) => [file, size + (grown.some(([name]) => name === file) ? 30 : 0)])))
      await broker.start()

      await listening('cut.')
      await until(() => speaker.republish(10).then(() => true), { describe: 'it is published again', timeoutMs: 60_000 })
      for (const key of keys) await say(speaker, key, ['new'])
      for (const key of keys) expect(await awaitHeard(databaseOf(at), key, 12)).toEqual(['kept', ...numbered(0, 10), 'new'])
    },
    150_000,
  )
}
