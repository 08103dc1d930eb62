import { randomUUID } from 'node:crypto'
import type { TestDatabase } from '@weir/testing'
import type { MessageRuntime } from '../src/message-runtime.js'
import type { OutgoingMessage, Transport } from '../src/transport.js'
import { heardDatabase, listener, registered, twice, type Listening } from './listening-service.js'

/** What is tested: a way to open the same log again and again. */
export interface LogUnderTest {
  open(options?: { readonly partitions?: number }): Promise<Transport>
  /** Every message of the topic is gone, and the offsets go on: it was kept for too short a time. */
  forget(topic: string): Promise<void>
  close(): Promise<void>
}

export type SetUp = () => Promise<LogUnderTest>

export interface Workbench {
  /** of the service that listens */
  at(): TestDatabase
  log(): LogUnderTest
  transport(): Transport
  publish(messages: readonly OutgoingMessage[]): Promise<void>
  open(options?: { readonly partitions?: number }): Promise<Transport>
  listen(over?: Partial<Listening>): Promise<MessageRuntime>
  /** A service that only speaks. Not started: what it emits is committed and stays in its outbox. */
  speaker(on?: Transport): MessageRuntime
  /** drained when the feature ends */
  keep(runtime: MessageRuntime): MessageRuntime
  say(runtime: MessageRuntime, key: string, names: readonly string[]): Promise<void>
}

/** A log, two databases and services on them, for the features of one suite. */
export function workbench(setUp: SetUp): Workbench {
  let at: TestDatabase
  let producer: TestDatabase
  let log: LogUnderTest
  let transport: Transport
  const running: MessageRuntime[] = []
  const opened: Transport[] = []

  beforeAll(async () => {
    at = await heardDatabase('gateway')
    producer = await heardDatabase('identity')
    log = await setUp()
    transport = await open()
    await transport.ensureTopics(['weir.customers', 'weir.customers.parked', 'weir.intake', 'weir.intake.parked'])
  })
  afterEach(async () => {
    for (const runtime of running.splice(0)) await runtime.drain()
  })
  afterAll(async () => {
    for (const one of opened) await one.close()
    await log.close()
    await at.drop()
    await producer.drop()
  })

  async function open(options?: { readonly partitions?: number }): Promise<Transport> {
    const one = await log.open(options)
    opened.push(one)
    return one
  }
  const keep = (runtime: MessageRuntime) => {
    running.push(runtime)
    return runtime
  }
  return {
    at: () => at,
    log: () => log,
    transport: () => transport,
    publish: (messages) => transport.publish(messages),
    open,
    keep,
    listen: async (over = {}) => {
      const runtime = listener({ database: at, transport: twice(transport), ...over })
      await runtime.start()
      return keep(runtime)
    },
    speaker: (on = transport) =>
      listener({ database: producer, transport: on, definition: { name: 'identity', consumes: [], produces: [registered] } }),
    say: (runtime, key, names) =>
      runtime.unitOfWork.run('say', async (unit) => {
        const cause = { id: randomUUID() }
        for (const name of names) unit.emit({ type: registered, subject: key, key, data: { customerId: key, name, tenants: [] }, cause })
      }),
  }
}

export const numbered = (from: number, count: number) => Array.from({ length: count }, (_, n) => String(from + n))
export const newKey = () => `customer-${randomUUID()}`
