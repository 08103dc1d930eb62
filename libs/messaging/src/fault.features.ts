import type { Database } from '@weir/persistence'
import { until } from '@weir/testing'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, changed, heard, listener, parkedOf, textOf, told, withConsume, withPublish } from '../test/listening-service.js'
import { newKey, numbered, workbench, type SetUp } from '../test/workbench.js'
import type { ReceivedRaw, Received } from './event.js'
import { MAX_MESSAGE_BYTES, sizeOf } from './message-size.js'
import { MessagingFault } from './messaging-fault.js'
import type { UnitOfWork } from './unit-of-work.js'

type Events = readonly (Received | ReceivedRaw)[]

/** What has to hold when something breaks or dies between two steps, on any log. */
export function faultFeatures(feature: Feature, setUp: SetUp): void {
  const bench = workbench(setUp)
  const { listen, speaker, say, keep } = bench
  const isOf = (key: string) => (events: Events) => events.some((event) => event.key === key)
  /** A second event of the same key for each that is heard, so that effects that leave the database count too. */
  const answers = (key: string) => (events: Events, unit: UnitOfWork) => {
    for (const event of events)
      if (event.key === key && 'id' in event && !textOf(event).startsWith('re: '))
        unit.emit({
          type: changed,
          subject: key,
          key,
          data: { customerId: key, name: `re: ${textOf(event)}`, tenants: [] },
          cause: { id: event.id },
        })
  }

  feature('does again what died between handler and commit, and leaves one effect and one event', async () => {
    const key = newKey()
    let deaths = 0
    await listen({
      definition: { produces: [changed] },
      before: async (events, unit) => {
        answers(key)(events, unit)
        if (isOf(key)(events) && deaths++ < 2) await unit.tx.query('select pg_terminate_backend(pg_backend_pid())')
      },
    })
    await bench.publish([told({ key, name: 'one' }), told({ key, name: 'two' })])

    expect(await awaitHeard(bench.at(), key, 4)).toEqual(['one', 'two', 're: one', 're: two'])
    expect(deaths).toBeGreaterThan(2)
    expect(await parkedOf(bench.at(), key)).toEqual([])
  })

  feature('absorbs a commit whose answer was lost', async () => {
    const key = newKey()
    let lost = 0
    const { database } = bench.at()
    const lossy: Database = {
      query: (sql, parameters) => database.query(sql, parameters),
      close: () => Promise.resolve(),
      inTransaction: async (work) => {
        let isIts = false
        const result = await database.inTransaction((tx) => {
          const query: typeof tx.query = (sql, parameters) => {
            if (sql.startsWith('insert into heard') && JSON.stringify(parameters).includes(key)) isIts = true
            return tx.query(sql, parameters)
          }
          return work({ query, manager: tx.manager })
        })
        if (isIts && lost++ === 0) throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' })
        return result
      },
    }
    await listen({ database: { database: lossy }, definition: { produces: [changed] }, before: answers(key) })
    await bench.publish([told({ key, name: 'one' })])
    await awaitHeard(bench.at(), key, 2)
    await bench.publish([told({ key, name: 'two' })])

    expect(await awaitHeard(bench.at(), key, 4)).toEqual(['one', 're: one', 'two', 're: two'])
    expect(lost).toBeGreaterThan(1)
  })

  feature('finishes the batch that runs when it is shut down, begins no other, and goes on there after the restart', async () => {
    const key = newKey()
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const runtime = listener({
      database: bench.at(),
      transport: bench.transport(),
      definition: { produces: [changed] },
      before: async (events, unit) => {
        if (!isOf(key)(events)) return
        answers(key)(events, unit)
        entered.resolve()
        await gate.promise
      },
    })
    await runtime.start()
    await bench.publish([told({ key, name: 'running' })])
    await entered.promise
    await bench.publish([told({ key, name: 'waiting' })])
    let isDown = false
    const drained = runtime.drain().then(() => void (isDown = true))
    expect(await heard(bench.at(), key)).toEqual([])
    expect(isDown).toBe(false)
    gate.resolve()
    await drained
    expect(await heard(bench.at(), key)).toEqual(['running'])
    expect(runtime.unitOfWork.outboxDepth()).toBe(0)

    await listen()
    expect((await awaitHeard(bench.at(), key, 3)).toSorted()).toEqual(['re: running', 'running', 'waiting'])
  })

  feature('parks what a handler hangs on, and lets the others go on', async () => {
    const [bad, good] = [newKey(), newKey()]
    await listen({
      handlerTimeoutMs: 200,
      before: (events) => (events.some((event) => textOf(event) === `hangs ${bad}`) ? new Promise(() => undefined) : undefined),
    })
    await bench.publish([told({ key: bad, name: `hangs ${bad}` }), told({ key: good, name: 'well' }), told({ key: bad, name: 'next' })])

    expect(await awaitHeard(bench.at(), good, 1)).toEqual(['well'])
    const errors = await until(
      async () => {
        const found = await parkedOf(bench.at(), bad)
        return found.length === 2 ? found : undefined
      },
      { describe: 'two messages are parked', timeoutMs: 20_000 },
    )
    expect(errors).toEqual([
      'the handler of weir.customer.registered.v1 did not end within 200 ms',
      'an earlier message of this key is parked',
    ])
  })

  feature('gives a slow consumer everything in order, in batches of a bounded size', async () => {
    const keys = numbered(0, 4).map(newKey)
    const sizes: number[] = []
    await listen({
      transport: withConsume(bench.transport(), (options) => ({
        ...options,
        onBatch: (batch) => {
          sizes.push(batch.messages.length)
          return options.onBatch(batch)
        },
      })),
      before: async (events, unit) => {
        if (keys.some((key) => isOf(key)(events))) await unit.tx.query('select pg_sleep(0.1)')
      },
    })
    const all = numbered(0, 600)
    for (let from = 0; from < 600; from += 100)
      await bench.publish(all.slice(from, from + 100).flatMap((name) => keys.map((key) => told({ key, name }))))

    for (const key of keys) expect(await awaitHeard(bench.at(), key, 600)).toEqual(all)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500)
  })

  feature('takes a message of just less than 1 MB, and refuses a larger one with what to do instead', async () => {
    const key = newKey()
    await listen()
    const bare = told({ key, name: 'whole' })
    const filled = (size: number) => ({ ...bare, value: bare.value.padEnd(size - sizeOf(bare) + bare.value.length) })
    await expect(bench.publish([filled(MAX_MESSAGE_BYTES + 1)])).rejects.toMatchObject({
      code: 'message-too-large',
      message: expect.stringMatching(
        /^weir\.customer\.registered\.v1 for weir\.customers has 1000001 bytes; a message may have 1000000\. Send it in several/,
      ) as string,
    })
    await bench.publish([filled(MAX_MESSAGE_BYTES)])

    expect(await awaitHeard(bench.at(), key, 1)).toEqual(['whole'])
  })

  feature('holds back the key of an event that the log never takes, publishes all others, and tries it again when told to', async () => {
    const [bad, good] = [newKey(), newKey()]
    let isMended = false
    const picky = withPublish(bench.transport(), (messages) => {
      if (!isMended && messages.some(({ value }) => value.includes(`huge ${bad}`)))
        throw new MessagingFault({ code: 'message-too-large', message: 'the topic takes less' })
      return bench.publish(messages)
    })
    const runtime = keep(speaker(picky))
    await runtime.start()
    await listen()
    await say(runtime, bad, [`huge ${bad}`, 'behind'])
    await say(runtime, good, ['other'])

    expect(await awaitHeard(bench.at(), good, 1)).toEqual(['other'])
    await until(() => runtime.unitOfWork.outboxDepth() === 0, { describe: 'nothing waits to be published' })
    expect(await heard(bench.at(), bad)).toEqual([])

    isMended = true
    await runtime.republish(10)
    expect(await awaitHeard(bench.at(), bad, 2)).toEqual([`huge ${bad}`, 'behind'])
    expect(await heard(bench.at(), good)).toEqual(['other'])
  })

  feature('stands still where messages are gone that it had not handled, until somebody accepts it', async () => {
    const key = newKey()
    const first = await listen()
    await bench.publish([told({ key, name: 'handled' })])
    await awaitHeard(bench.at(), key, 1)
    await first.drain()
    await bench.publish([told({ key, name: 'lost' }), told({ key, name: 'lost, too' })])
    await bench.log().forget('weir.customers')
    await bench.publish([told({ key, name: 'kept' })])

    // One that has read nothing yet: what is gone from the log may still be in the memory of others.
    const runtime = await listen({ transport: await bench.open() })
    const trouble = await until(() => runtime.trouble()?.match(/weir\.customers\/(\d+): the messages (\d+) to (\d+) are gone/), {
      describe: 'it says what is gone',
      timeoutMs: 20_000,
    })
    expect(await heard(bench.at(), key)).toEqual(['handled'])
    expect(await parkedOf(bench.at(), key)).toEqual([])
    const accepted = await runtime.skipGap({ topic: 'weir.customers', partition: Number(trouble[1]) })
    expect(accepted).toEqual({ from: trouble[2], to: String(Number(trouble[3]) + 1) })

    expect(await awaitHeard(bench.at(), key, 2)).toEqual(['handled', 'kept'])
    await until(() => runtime.trouble() === undefined, { describe: 'the trouble is over' })
  })
}
