import { randomUUID } from 'node:crypto'
import { until, type TestDatabase } from '@weir/testing'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, heardDatabase, listener, told } from '../test/listening-service.js'
import type { MessageRuntime } from './message-runtime.js'
import type { Transport } from './transport.js'

/** What only a broker can do: groups and rebalances. */
export function brokerFeatures(feature: Feature, open: () => Transport): void {
  let at: TestDatabase
  const running: MessageRuntime[] = []
  const opened: Transport[] = []
  beforeAll(async () => {
    at = await heardDatabase('gateway')
  })
  afterEach(async () => {
    for (const runtime of running.splice(0)) await runtime.drain()
    for (const transport of opened.splice(0)) await transport.close()
  })
  afterAll(() => at.drop())

  const connect = (): Transport => {
    const transport = open()
    opened.push(transport)
    return transport
  }
  const member = async (onKey: (key: string) => void = () => undefined): Promise<MessageRuntime> => {
    const before = (events: readonly { readonly key: string | undefined }[]) => {
      for (const { key } of events) if (key !== undefined) onKey(key)
    }
    const runtime = listener({ database: at, transport: connect(), before })
    await runtime.start()
    running.push(runtime)
    return runtime
  }

  feature('neither loses nor repeats nor reorders while members come and go', async () => {
    const keys = Array.from({ length: 16 }, () => `customer-${randomUUID()}`)
    const transport = connect()
    let said = 0
    const speak = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1, said += 1)
        await transport.publish(keys.map((key) => told({ key, name: String(said) })))
    }
    const first = await member()
    await speak(20)
    const joining = member()
    await speak(40)
    await joining
    await speak(20)
    const leaving = first.drain()
    await speak(40)
    await leaving
    await speak(20)

    const all = Array.from({ length: said }, (_, n) => String(n))
    for (const key of keys) expect(await awaitHeard(at, key, said)).toEqual(all)
  })

  feature('is in trouble until it has its partitions, and the positions that the database knows', async () => {
    let tell: () => void = () => undefined
    const told = new Promise<void>((done) => {
      tell = done
    })
    const transport = connect()
    await transport.ensureTopics(['weir.customers'])
    const consumer = await transport.consume({
      group: `waiting-${randomUUID()}`,
      topics: ['weir.customers'],
      onAssigned: (partitions) => told.then(() => partitions.map((at) => ({ ...at, nextOffset: 0n, epoch: 1 }))),
      onBatch: () => Promise.resolve(),
    })
    expect(consumer.trouble()).toBe('the group has not assigned it partitions yet')
    tell()
    await until(() => consumer.trouble() === undefined, { describe: 'it has them', timeoutMs: 30_000 })
    await consumer.stop()
  })

  feature('shares the partitions between members', async () => {
    const keys = Array.from({ length: 32 }, () => `customer-${randomUUID()}`)
    const transport = connect()
    const [one, other] = [new Set<string>(), new Set<string>()]
    await member((key) => one.add(key))
    await member((key) => other.add(key))
    await until(
      async () => {
        await transport.publish(keys.map((key) => told({ key, name: 'again' })))
        return one.size > 0 && other.size > 0
      },
      { describe: 'both members heard something', everyMs: 200 },
    )

    one.clear()
    other.clear()
    await transport.publish(keys.map((key) => told({ key, name: 'last' })))
    await until(() => one.size + other.size >= keys.length, { describe: 'all was heard' })
    expect([...one].filter((key) => other.has(key))).toEqual([])
  })
}
