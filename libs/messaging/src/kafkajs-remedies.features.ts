import { randomUUID } from 'node:crypto'
import net from 'node:net'
import { jest } from '@jest/globals'
import { until } from '@weir/testing'
import type { Kafka } from 'kafkajs'
import type { Feature } from '../test/count-features.js'
import { told } from '../test/listening-service.js'
import { occupyGroup } from '../test/raw-attacks.js'
import { newKey, numbered } from '../test/workbench.js'
import type { KafkaTransportOptions } from './kafka-transport.js'
import { partitionOf } from './murmur2.js'
import type { Consumer, ConsumerOptions, PartitionBatch, Transport } from './transport.js'

export interface KafkaUnderTest {
  readonly prefix: string
  open(options?: Partial<KafkaTransportOptions>): Transport
  kafka(): Kafka
}

const topic = 'weir.customers'
/** The least that brokers take. */
const SESSION_MS = 6_000

/** What is wrong with kafkajs 2.2.4, on a real broker: each fails without its remedy. See the table in README.md. */
export function kafkajsRemedies(feature: Feature, under: KafkaUnderTest): void {
  const opened: Transport[] = []
  const consumers: Consumer[] = []
  afterEach(async () => {
    for (const consumer of consumers.splice(0)) await consumer.stop()
    for (const transport of opened.splice(0)) await transport.close()
  })
  const open = async (options: Partial<KafkaTransportOptions> = {}) => {
    const transport = under.open(options)
    opened.push(transport)
    await transport.ensureTopics([topic])
    return transport
  }
  /** Positions begin at the end, so that features do not hear each other. */
  const consume = async (transport: Transport, over: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'onBatch'>) => {
    const admin = under.kafka().admin()
    await admin.connect()
    const offsets = await until(() => admin.fetchTopicOffsets(under.prefix + topic), { describe: 'the topic tells its ends' })
    const ends = new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
    await admin.disconnect()
    const consumer = await transport.consume({
      group: `group-${randomUUID()}`,
      topics: [topic],
      onAssigned: async (all) => all.map((one) => ({ ...one, nextOffset: ends.get(one.partition) ?? 0n, epoch: 1 })),
      ...over,
    })
    consumers.push(consumer)
    return consumer
  }
  const keysOf = ({ messages }: PartitionBatch) => messages.map(({ key }) => key ?? '')
  /** A key of each partition. */
  const keyOf = (partition: number): string => {
    for (let key = newKey(); ; key = newKey()) if (partitionOf(key, 4) === partition) return key
  }
  const passed = (ms: number) => {
    const began = performance.now()
    return until(() => performance.now() - began > ms, { describe: 'the time is over', timeoutMs: ms + 10_000 })
  }

  feature('K2: no socket waits to make its packets larger', async () => {
    const setNoDelay = jest.spyOn(net.Socket.prototype, 'setNoDelay')
    try {
      const admin = under.kafka().admin()
      await admin.connect()
      await admin.disconnect()
      expect(setNoDelay.mock.calls).toContainEqual([true])
    } finally {
      setNoDelay.mockRestore()
    }
  })

  feature('K4: a partition that waits holds up no other of its broker', async () => {
    const transport = await open()
    const [slow, quick] = [keyOf(0), keyOf(1)]
    const gate = Promise.withResolvers<void>()
    const heard: string[] = []
    await consume(transport, {
      onBatch: async (batch) => {
        if (batch.partition === 0) await gate.promise
        heard.push(...keysOf(batch))
      },
    })
    await transport.publish([told({ key: slow, name: '0' }), told({ key: quick, name: '0' })])
    await until(() => heard.length === 1, { describe: 'the first of the quick partition', timeoutMs: 30_000 })
    for (const name of numbered(1, 5)) {
      await transport.publish([told({ key: slow, name }), told({ key: quick, name })])
      await until(() => heard.length === Number(name) + 1, { describe: `message ${name} of the quick partition` })
    }
    expect(new Set(heard)).toEqual(new Set([quick]))

    gate.resolve()
    await until(() => heard.filter((key) => key === slow).length === 6, { describe: 'the slow partition has caught up' })
  })

  feature('K5: a batch may take longer than the session, and its partitions stay', async () => {
    const transport = await open({ consumer: { sessionTimeoutMs: SESSION_MS } })
    const gate = Promise.withResolvers<void>()
    let [assignments, batches] = [0, 0]
    await consume(transport, {
      onAssigned: async (all) => {
        assignments += 1
        return all.map((one) => ({ ...one, nextOffset: 0n, epoch: 1 }))
      },
      onBatch: async () => {
        batches += 1
        await gate.promise
      },
    })
    await transport.publish(numbered(0, 4).map((n) => told({ key: keyOf(Number(n)), name: n })))
    await until(() => batches === 4, { describe: 'every partition is busy', timeoutMs: 30_000 })
    await passed(SESSION_MS + 3_000)
    gate.resolve()
    await until(() => batches > 0, { describe: 'they end' })

    expect(assignments).toBe(1)
  })

  feature('K6: stops at once, though nothing comes', async () => {
    const transport = await open()
    const heard: string[] = []
    const consumer = await consume(transport, { onBatch: async (batch) => void heard.push(...keysOf(batch)) })
    const key = newKey()
    await transport.publish([told({ key, name: 'x' })])
    await until(() => heard.includes(key), { describe: 'it consumes', timeoutMs: 30_000 })
    const began = performance.now()
    await consumer.stop()

    expect(performance.now() - began).toBeLessThan(2_500)
  })

  feature('K7: a consumer that cannot join is tried again, given up on in time, and well as soon as it can', async () => {
    const group = `taken-${randomUUID()}`
    const givenUp: string[] = []
    const leave = await occupyGroup(under.kafka(), under.prefix + group)
    const transport = await open({ consumer: { mostDeaths: 2 }, onGivenUp: (reason) => void givenUp.push(reason) })
    const heard: string[] = []
    const consumer = await consume(transport, { group, onBatch: async (batch) => void heard.push(...keysOf(batch)) })
    const key = newKey()
    await transport.publish([told({ key, name: 'x' })])

    expect(await until(() => givenUp[0], { describe: 'it is given up on', timeoutMs: 30_000 })).toMatch(
      /^the consumer died 2 times in a row, last: .*protocol/i,
    )
    expect(consumer.trouble()).toMatch(/protocol/i)
    await leave()
    await until(() => heard.includes(key), { describe: 'it consumes', timeoutMs: 30_000 })
    expect(consumer.trouble()).toBeUndefined()
  })

  feature('K9: Kafka learns what is handled, for those who watch the lag of a group', async () => {
    const transport = await open()
    const group = `watched-${randomUUID()}`
    await consume(transport, { group, onBatch: () => Promise.resolve() })
    await transport.publish(numbered(0, 4).map((n) => told({ key: keyOf(Number(n)), name: n })))
    const admin = under.kafka().admin()
    await admin.connect()
    try {
      const ends = (await admin.fetchTopicOffsets(under.prefix + topic)).map(({ partition, high }) => ({ partition, offset: high }))
      await until(
        async () => {
          const [of] = await admin.fetchOffsets({ groupId: under.prefix + group, topics: [under.prefix + topic] })
          const known = of?.partitions.map(({ partition, offset }) => ({ partition, offset }))
          return (
            JSON.stringify(known?.toSorted((a, b) => a.partition - b.partition)) ===
            JSON.stringify(ends.toSorted((a, b) => a.partition - b.partition))
          )
        },
        { describe: 'all is committed', timeoutMs: 30_000, everyMs: 200 },
      )
    } finally {
      await admin.disconnect()
    }
  })

  feature(
    'K12: a topic that was deleted takes no other with it',
    async () => {
      const transport = under.open()
      opened.push(transport)
      const other = `gone-${randomUUID()}`
      const admin = under.kafka().admin()
      await admin.connect()
      try {
        await admin.createTopics({ topics: [{ topic: under.prefix + other, numPartitions: 4 }] })
        await until(() => transport.publish([{ ...told({ key: newKey(), name: 'x' }), topic: other }]).then(() => true), {
          describe: 'it is there',
        })
        await admin.deleteTopics({ topics: [under.prefix + other] })
      } finally {
        await admin.disconnect()
      }
      await until(
        () =>
          transport.publish([{ ...told({ key: newKey(), name: 'x' }), topic: other }]).then(
            () => false,
            () => true,
          ),
        { describe: 'it is gone', timeoutMs: 30_000 },
      )

      await until(() => transport.publish([told({ key: newKey(), name: 'x' })]).then(() => true), {
        describe: 'others are published',
        timeoutMs: 20_000,
      })
    },
    120_000,
  )

  feature('K13: a broker that takes two seconds to let somebody in is no broker that is away', async () => {
    const connect = net.connect.bind(net)
    const tries = jest.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts, onConnect: () => void) => {
      const late = () => void passed(2_000).then(onConnect)
      return connect(options, late)
    }) as typeof net.connect)
    try {
      const admin = under.kafka().admin({ retry: { retries: 0 } })
      await admin.connect()
      await admin.disconnect()
      expect(tries).toHaveBeenCalled()
    } finally {
      tries.mockRestore()
    }
  })
}
