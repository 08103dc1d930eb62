import { randomUUID } from 'node:crypto'
import { until, type TestDatabase } from '@weir/testing'
import { Partitioners } from 'kafkajs'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, heard, heardDatabase, listener, textOf, told } from '../test/listening-service.js'
import { newKey, numbered } from '../test/workbench.js'
import { groupOf } from './kafka-access.js'
import type { MessageRuntime } from './message-runtime.js'
import type { KafkaUnderTest } from './kafkajs-remedies.features.js'
import type { Transport } from './transport.js'

/** What only a broker can do: groups and rebalances. */
export function brokerFeatures(feature: Feature, under: KafkaUnderTest): void {
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
    const transport = under.open()
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

  feature('offsets that are set back to zero, in Kafka or in the database, change nothing', async () => {
    const key = newKey()
    const transport = connect()
    const seen: string[] = []
    const start = async () => {
      const runtime = listener({
        database: at,
        transport: connect(),
        before: (events) => void seen.push(...events.filter((event) => event.key === key).map(textOf)),
      })
      await runtime.start()
      running.push(runtime)
      return runtime
    }
    const first = await start()
    await transport.publish(numbered(0, 10).map((name) => told({ key, name })))
    await awaitHeard(at, key, 10)
    await first.drain()
    const admin = under.kafka().admin()
    await admin.connect()
    try {
      const partitions = numbered(0, 4).map((n) => ({ partition: Number(n), offset: '0' }))
      const groupId = `${under.prefix}${groupOf('gateway')}`
      await until(() => admin.setOffsets({ groupId, topic: `${under.prefix}weir.customers`, partitions }).then(() => true), {
        describe: 'nobody is in the group any more',
        timeoutMs: 30_000,
      })
    } finally {
      await admin.disconnect()
    }
    const second = await start()
    await transport.publish([told({ key, name: '10' })])
    await awaitHeard(at, key, 11)
    await second.drain()
    await at.database.query('update consumer_offset set next_offset = 0')
    await start()
    await transport.publish([told({ key, name: '11' })])

    expect(await awaitHeard(at, key, 12)).toEqual(numbered(0, 12))
    expect(seen).toEqual(numbered(0, 12))
  })

  feature('a member whose epoch was overtaken though the group means it joins again', async () => {
    const key = newKey()
    const transport = connect()
    await member()
    await transport.publish([told({ key, name: 'before' })])
    await awaitHeard(at, key, 1)
    await at.database.query('update consumer_offset set epoch = epoch + 1')
    await transport.publish([told({ key, name: 'after' })])

    expect(
      await until(async () => ((await heard(at, key)).length === 2 ? heard(at, key) : undefined), {
        describe: 'it hears again',
        timeoutMs: 45_000,
      }),
    ).toEqual(['before', 'after'])
  })

  feature('parks what is not even text, with its bytes, and what has no key blocks nobody', async () => {
    const [good, bad] = [newKey(), newKey()]
    await member()
    const { value, headers } = told({ key: good, name: 'well' })
    const binary = Buffer.from([0xff, 0xfe, 0x00, 0x01])
    const producer = under.kafka().producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    const bomb = Object.fromEntries(numbered(0, 2_000).map((n) => [`bomb-${n}`, 'x'.repeat(300)]))
    await producer.send({
      topic: `${under.prefix}weir.customers`,
      messages: [
        { key: null, value, headers, partition: 0 },
        { key: null, value: null, headers: {}, partition: 0 },
        { key: binary, value, headers, partition: 0 },
        { key: bad, value: binary, headers, partition: 0 },
        { key: `${bad}-2`, value: null, headers: { ...headers, ce_subject: `${bad}-2` }, partition: 0 },
        { key: `${bad}-3`, value, headers: { ...headers, ce_time: binary }, partition: 0 },
        { key: `${bad}-4`, value, headers: { ...bomb, 'content-type': 'application/json' }, partition: 0 },
        { key: good, value, headers, partition: 0 },
      ],
    })
    await producer.disconnect()

    expect(await awaitHeard(at, good, 1)).toEqual(['well'])
    const parked = await at.database.query<{ key: string | null; value: string | null }>(
      'select key, value from parked where key is null or key like $1 order by id',
      [`${bad}%`],
    )
    expect(parked.map(({ key }) => key)).toEqual([null, null, null, bad, `${bad}-2`, `${bad}-3`, `${bad}-4`])
    expect(parked[3]?.value).toBe(binary.toString('base64'))
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
