import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { until, type TestDatabase } from '@weir/testing'
import { awaitHeard, heard, heardDatabase, listener, told } from '../test/listening-service.js'
import type { MessageRuntime } from './message-runtime.js'
import type { Transport } from './transport.js'

/** What only a broker can do: groups, rebalances, going away. */
export function brokerFeatures(open: () => Transport): void {
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

  it('neither loses nor repeats nor reorders while members come and go', async () => {
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

  it('is in trouble until it has its partitions, and the positions that the database knows', async () => {
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

  it('shares the partitions between members', async () => {
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

interface LocalKafka {
  startLocalKafka(options: { port?: number; dataDir: string }): Promise<{ brokers: readonly string[]; pid: number; stop(): Promise<void> }>
}

/** A broker that is killed and comes back; only where one can be started for that. */
export function brokerLossFeatures(open: (brokers: readonly string[]) => Transport): void {
  it('goes on by itself when the broker was killed and came back', async () => {
    const tool = pathToFileURL(join(import.meta.dirname, '../../../tools/kafka.mjs')).href
    const { startLocalKafka } = (await import(tool)) as LocalKafka
    const dataDir = mkdtempSync(join(tmpdir(), 'weir-kafka-'))
    const before = await startLocalKafka({ dataDir })
    const at = await heardDatabase('gateway')
    const [transport, own] = [open(before.brokers), open(before.brokers)]
    const runtime = listener({ database: at, transport: own })
    let after: typeof before | undefined
    try {
      await runtime.start()
      const key = `customer-${randomUUID()}`
      await transport.publish([told({ key, name: 'before' })])
      await awaitHeard(at, key, 1)
      process.kill(before.pid, 'SIGSTOP')
      await until(() => runtime.trouble()?.startsWith('no sign of life'), { describe: 'the silence is noticed', timeoutMs: 30_000 })
      await expect(runtime.lag()).rejects.toThrow()
      process.kill(before.pid, 'SIGCONT')
      await until(() => runtime.trouble() === undefined, { describe: 'it hears the broker again', timeoutMs: 60_000 })

      process.kill(before.pid, 'SIGKILL')
      await before.stop()
      await expect(transport.publish([told({ key, name: 'lost' })])).rejects.toThrow()
      expect(transport.trouble()).toBeDefined()

      after = await startLocalKafka({ dataDir, port: Number(before.brokers[0]?.split(':')[1]) })
      await until(() => transport.publish([told({ key, name: 'after' })]).then(() => true), {
        describe: 'it publishes again',
        timeoutMs: 30_000,
      })
      const texts = await until(
        async () => {
          const found = await heard(at, key)
          return found.includes('after') ? found : undefined
        },
        { describe: 'it hears again', timeoutMs: 60_000 },
      )
      expect(texts[0]).toBe('before')
      expect(transport.trouble()).toBeUndefined()
      await until(() => runtime.trouble() === undefined, { describe: 'the consumer is well' })
    } finally {
      await runtime.drain()
      await Promise.all([transport.close(), own.close()])
      await after?.stop()
      await at.drop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }, 150_000)
}
