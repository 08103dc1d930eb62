import { randomUUID } from 'node:crypto'
import { until, type TestDatabase } from '@weir/testing'
import { awaitHeard, heardDatabase, listener, registered, told, withConsume, withPublish } from '../test/listening-service.js'
import type { MessageRuntime } from './message-runtime.js'
import type { Transport } from './transport.js'

/** What operators and the gateway's backpressure see of a backlog, on any log. */
export function backlogFeatures(open: () => Promise<Transport>): void {
  let at: TestDatabase
  let producer: TestDatabase
  let transport: Transport
  const running: MessageRuntime[] = []
  beforeAll(async () => {
    at = await heardDatabase('gateway')
    producer = await heardDatabase('identity')
    transport = await open()
    await transport.ensureTopics(['weir.customers', 'weir.customers.parked'])
  })
  afterEach(async () => {
    for (const runtime of running.splice(0)) await runtime.drain()
  })
  afterAll(async () => {
    await transport.close()
    await at.drop()
    await producer.drop()
  })
  const start = async (runtime: MessageRuntime): Promise<MessageRuntime> => {
    await runtime.start()
    running.push(runtime)
    return runtime
  }
  const behind = async (runtime: MessageRuntime) => (await runtime.lag()).reduce((sum, { messages }) => sum + messages, 0)

  it('lag is what was published and not handled, also while nothing is fetched', async () => {
    let letGo: () => void = () => undefined
    const held = new Promise<void>((done) => {
      letGo = done
    })
    const key = `customer-${randomUUID()}`
    const stopped = withConsume(transport, (options) => ({ ...options, onBatch: (batch) => held.then(() => options.onBatch(batch)) }))
    const runtime = await start(listener({ database: at, transport: stopped }))
    await until(() => runtime.trouble() === undefined, { describe: 'it is assigned its partitions', timeoutMs: 30_000 })
    expect(await behind(runtime)).toBe(0)

    await transport.publish([told({ key, name: '0' })])
    await until(async () => (await behind(runtime)) === 1, { describe: 'one is missing' })
    await transport.publish(['1', '2', '3'].map((name) => told({ key, name })))
    expect(await behind(runtime)).toBe(4)
    expect((await runtime.lag()).filter(({ messages }) => messages > 0)).toEqual([
      { topic: 'weir.customers', partition: expect.any(Number) as number, messages: 4 },
    ])

    letGo()
    await awaitHeard(at, key, 4)
    await until(async () => (await behind(runtime)) === 0, { describe: 'nothing is missing' })
  })

  it('the age of the outbox is that of its oldest event, and begins again at nothing', async () => {
    let away = true
    const broken = withPublish(transport, (messages) => (away ? Promise.reject(new Error('away')) : transport.publish(messages)))
    const definition = { name: 'identity', consumes: [], produces: [registered] } as const
    const say = (runtime: MessageRuntime) =>
      runtime.unitOfWork.run('say', (unit) => {
        const data = { customerId: 'c', name: 'n', tenants: [] }
        unit.emit({ type: registered, subject: 'c', key: 'c', data, cause: { id: randomUUID() } })
        return Promise.resolve()
      })
    const runtime = await start(listener({ database: producer, transport: broken, definition }))
    expect(runtime.outboxAgeMs()).toBe(0)
    await say(runtime)
    const age = await until(() => runtime.outboxAgeMs() > 200 && runtime.outboxAgeMs(), { describe: 'it waits' })
    await say(runtime)
    expect(runtime.outboxAgeMs()).toBeGreaterThanOrEqual(age)

    away = false
    await until(() => runtime.outboxAgeMs() === 0 && runtime.unitOfWork.outboxDepth() === 0, { describe: 'all is out', timeoutMs: 15_000 })
  })

  it('what a crash left in the outbox is as old as it is', async () => {
    await producer.database.query(
      `with left_behind as (
         insert into outbox (event_id, topic, key, headers, value, created_at)
         values (gen_random_uuid(), 'weir.customers', 'c', '{}', '{}', now() - interval '1 hour') returning seq)
       insert into outbox_waiting (seq) select seq from left_behind`,
    )
    let away = true
    const broken = withPublish(transport, (messages) => (away ? Promise.reject(new Error('away')) : transport.publish(messages)))
    const runtime = listener({
      database: producer,
      transport: broken,
      definition: { name: 'identity', consumes: [], produces: [registered] },
    })
    await expect(runtime.start()).rejects.toThrow('away')
    expect(Math.round(runtime.outboxAgeMs() / 60_000)).toBe(60)
    expect(runtime.unitOfWork.outboxDepth()).toBe(1)

    away = false
    await start(runtime)
    expect(runtime.outboxAgeMs()).toBe(0)
  })
}
