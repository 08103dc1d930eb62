import { randomUUID } from 'node:crypto'
import { until } from '@weir/testing'
import type { Feature } from '../test/count-features.js'
import {
  awaitHeard,
  changed,
  heard,
  listener,
  parkedOf,
  registered,
  textOf,
  told,
  twice,
  withConsume,
  withPublish,
} from '../test/listening-service.js'
import { newKey, numbered, workbench, type SetUp } from '../test/workbench.js'
import { parkedKeys } from './parking.js'
import type { PartitionBatch, StoredMessage } from './transport.js'

const databaseGone = () => Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' })

/** The contract of `Transport` and of the runtime on it; every implementation passes it. */
export function transportFeatures(feature: Feature, setUp: SetUp): void {
  const bench = workbench(setUp)
  const { listen, speaker, say } = bench

  feature('keeps the order of each key, over types and batches', async () => {
    const keys = numbered(0, 6).map(newKey)
    await listen()
    const types = [registered, changed, changed] as const
    for (const names of [numbered(0, 40), numbered(40, 40)]) {
      await bench.publish(names.flatMap((name, n) => keys.map((key) => told({ key, name, type: types[n % 3] ?? registered }))))
    }

    for (const key of keys) expect(await awaitHeard(bench.at(), key, 80)).toEqual(numbered(0, 80))
  })

  feature('gives the same partition to a key on every topic, and leaves the bytes alone', async () => {
    const key = newKey()
    const seen: StoredMessage[] = []
    await listen({
      definition: { consumes: [registered, changed, 'weir.intake'] },
      transport: withConsume(bench.transport(), (options) => ({
        ...options,
        onBatch: async (batch) => {
          seen.push(...batch.messages.filter((message) => message.key === key))
          await options.onBatch(batch)
        },
      })),
    })
    const raw = { topic: 'weir.intake', key, headers: { 'content-type': 'text/plain', note: 'grüße' }, value: 'not JSON: ü \u{1f600}' }
    await bench.publish([told({ key, name: 'one' }), raw])
    await awaitHeard(bench.at(), key, 2)

    expect(new Set(seen.map(({ partition }) => partition)).size).toBe(1)
    const intake = seen.find(({ topic }) => topic === 'weir.intake')
    expect(intake).toMatchObject({ value: raw.value, headers: raw.headers })
    expect(await heard(bench.at(), key)).toContain(raw.value)
  })

  feature('absorbs a message that comes again, with another offset or with the same', async () => {
    const key = newKey()
    const [seen, given]: [string[], bigint[]] = [[], []]
    const noted = withConsume(twice(bench.transport()), (options) => ({
      ...options,
      onBatch: (batch) => {
        given.push(...batch.messages.filter((message) => message.key === key).map(({ offset }) => offset))
        return options.onBatch(batch)
      },
    }))
    await listen({ transport: noted, before: (events) => void seen.push(...events.filter((event) => event.key === key).map(textOf)) })
    const messages = numbered(0, 3).map((name) => told({ key, name }))
    await bench.publish(messages)
    await bench.publish([...messages, told({ key, name: 'last' })])

    expect(await awaitHeard(bench.at(), key, 4)).toEqual(['0', '1', '2', 'last'])
    expect(seen).toEqual(['0', '1', '2', 'last'])
    await until(() => given.length === 14, { describe: 'seven messages were given twice' })
    expect(new Set(given).size).toBe(7)
  })

  feature('goes on after a restart without loss or repetition', async () => {
    const key = newKey()
    const first = await listen()
    await bench.publish(numbered(0, 20).map((name) => told({ key, name })))
    await awaitHeard(bench.at(), key, 1)
    await first.drain()
    await bench.publish(numbered(20, 20).map((name) => told({ key, name })))
    await listen()

    expect(await awaitHeard(bench.at(), key, 40)).toEqual(numbered(0, 40))
  })

  feature('fences off a consumer whose partitions have a new owner', async () => {
    const key = newKey()
    const batches: PartitionBatch[] = []
    let former: ((batch: PartitionBatch) => Promise<void>) | undefined
    const remembered = withConsume(bench.transport(), (options) => {
      former = options.onBatch
      return { ...options, onBatch: async (batch) => void (await options.onBatch(batch), batches.push(batch)) }
    })
    const first = await listen({ transport: remembered })
    await bench.publish([told({ key, name: 'first' })])
    await awaitHeard(bench.at(), key, 1)
    const batch = await until(() => batches.find(({ messages }) => messages.some((message) => message.key === key)), {
      describe: 'it is over',
    })
    await first.drain()
    await listen()

    await expect(former?.(batch)).rejects.toMatchObject({ code: 'fenced' })
  })

  feature('publishes after a crash what was saved before it', async () => {
    const key = newKey()
    await say(speaker(), key, ['saved', 'too'])
    await listen()
    const next = speaker()
    bench.keep(next)
    await say(next, key, ['later'])
    await next.start()

    expect(await awaitHeard(bench.at(), key, 3)).toEqual(['saved', 'too', 'later'])
    expect(next.unitOfWork.outboxDepth()).toBe(0)
  })

  feature('keeps the order when acknowledgements are lost', async () => {
    const key = newKey()
    let lost = 0
    const lossy = withPublish(bench.transport(), async (messages) => {
      await bench.publish(messages)
      if (messages.length > 0 && lost++ < 2) throw new Error('the answer was lost')
    })
    const runtime = speaker(lossy)
    bench.keep(runtime)
    await runtime.start()
    await listen()
    for (const name of numbered(0, 10)) await say(runtime, key, [name])

    expect(await awaitHeard(bench.at(), key, 10)).toEqual(numbered(0, 10))
    await until(() => lost > 2, { describe: 'it was published again' })
    expect(await heard(bench.at(), key)).toEqual(numbered(0, 10))
  })

  feature('parks what cannot be read, and what follows it of its key; redrive needs it mended', async () => {
    const [bad, good] = [newKey(), newKey()]
    const runtime = await listen()
    const messages = [
      told({ key: bad, name: 'before' }),
      told({ key: bad, name: '', value: '{"customerId":"\\u0000\\ud800"}' }),
      told({ key: good, name: 'other' }),
      told({ key: bad, name: 'after' }),
    ]
    await bench.publish(messages)
    await awaitHeard(bench.at(), good, 1)
    const errors = await until(
      async () => {
        const found = await parkedOf(bench.at(), bad)
        return found.length === 2 ? found : undefined
      },
      { describe: 'two messages are parked' },
    )

    expect(await heard(bench.at(), bad)).toEqual(['before'])
    expect(errors).toEqual([expect.stringContaining('breaks its contract'), 'an earlier message of this key is parked'])
    await expect(runtime.redrive(bad)).rejects.toMatchObject({ code: 'unreadable-message' })
    expect(await parkedOf(bench.at(), bad)).toHaveLength(2)
    const mirrored: string[] = []
    const mirror = await bench.transport().consume({
      group: `mirror-${randomUUID()}`,
      topics: ['weir.customers.parked'],
      onAssigned: async (all) => all.map((one) => ({ ...one, nextOffset: 0n, epoch: 1 })),
      onBatch: async (batch) =>
        void mirrored.push(...batch.messages.filter(({ key }) => key === bad).map(({ headers }) => headers['weir-parked-by'] ?? '')),
    })
    await until(() => mirrored.length === 2, { describe: 'both are mirrored', timeoutMs: 30_000 })
    await mirror.stop()
    expect(mirrored).toEqual(['/weir/gateway', '/weir/gateway'])
  })

  feature('finds the one message whose handler fails, parks its key, and redrives in order', async () => {
    const [bad, good] = [newKey(), newKey()]
    let isMended = false
    const runtime = await listen({
      before: (events) => {
        if (!isMended && events.some((event) => textOf(event) === `poison of ${bad}`)) throw new RangeError('cannot divide by zero')
      },
    })
    const names = ['1', `poison of ${bad}`, '3', '4']
    await bench.publish(names.flatMap((name, n) => [told({ key: bad, name }), told({ key: good, name: String(n) })]))
    expect(await awaitHeard(bench.at(), good, 4)).toEqual(['0', '1', '2', '3'])
    await until(async () => (await parkedOf(bench.at(), bad)).length === 3, { describe: 'three messages are parked' })
    expect(await heard(bench.at(), bad)).toEqual(['1'])
    const set = (await parkedKeys(bench.at().database, 500)).find(({ key }) => key === bad)
    expect(set).toEqual({
      key: bad,
      messages: 3,
      topics: ['weir.customers'],
      since: expect.any(Date) as Date,
      error: 'cannot divide by zero',
    })
    await expect(runtime.redrive(bad)).rejects.toThrow('cannot divide by zero')

    isMended = true
    expect(await runtime.redrive(bad)).toBe(3)
    await bench.publish([told({ key: bad, name: '5' })])

    expect(await awaitHeard(bench.at(), bad, 5)).toEqual([...names, '5'])
    expect(await parkedOf(bench.at(), bad)).toEqual([])
  })

  feature('waits for the infrastructure and parks nothing', async () => {
    const key = newKey()
    let failures = 3
    const reasons: (string | undefined)[] = []
    const runtime = await listen({
      before: (events) => {
        if (!events.some((event) => event.key === key) || failures-- <= 0) return
        reasons.push(runtime.trouble())
        throw databaseGone()
      },
    })
    await bench.publish(numbered(0, 5).map((name) => told({ key, name })))

    expect(await awaitHeard(bench.at(), key, 5)).toEqual(numbered(0, 5))
    expect(reasons.at(-1)).toContain('terminating connection')
    expect(await parkedOf(bench.at(), key)).toEqual([])
    await until(() => runtime.trouble() === undefined, { describe: 'the trouble is over' })
  })

  feature('passes over events that the service does not consume', async () => {
    const key = newKey()
    await listen()
    const value = JSON.stringify({ digest: 'b'.repeat(64), title: 'List', entries: 1, activatedAt: '2026-03-01T00:00:00Z' })
    await bench.publish([told({ key, name: '', type: 'weir.list.activated.v1', value }), told({ key, name: 'mine' })])

    expect(await awaitHeard(bench.at(), key, 1)).toEqual(['mine'])
    expect(await parkedOf(bench.at(), key)).toEqual([])
  })

  feature('stops a partition where it fails, for a service that parks nothing, tells why, and lets the others go on', async () => {
    const keys = numbered(0, 12).map(newKey)
    const [bad = ''] = keys
    let isMended = false
    const runtime = await listen({
      definition: { onFailure: 'stop' },
      before: (events) => {
        if (!isMended && events.some((event) => event.key === bad)) throw new RangeError('out of order')
      },
    })
    await bench.publish([told({ key: bad, name: 'x' })])
    await until(() => runtime.trouble()?.includes('out of order'), { describe: 'it is in trouble', timeoutMs: 30_000 })
    await bench.publish(keys.slice(1).map((key) => told({ key, name: 'y' })))
    await until(
      async () => {
        const counts = await Promise.all(keys.slice(1).map(async (key) => (await heard(bench.at(), key)).length))
        return counts.some((count) => count > 0)
      },
      { describe: 'another partition goes on' },
    )
    expect(runtime.trouble()).toContain('out of order')
    expect([...(await parkedOf(bench.at(), bad)), ...(await heard(bench.at(), bad))]).toEqual([])

    isMended = true
    for (const key of keys) await awaitHeard(bench.at(), key, 1)
    expect(runtime.trouble()).toBeUndefined()
  })

  feature('does not start with handlers other than those it declares, and names both', async () => {
    const runtime = listener({ database: bench.at(), transport: bench.transport() })
    runtime.strategy.addHandler('weir.list.activated.v1', async () => undefined, true)

    await expect(runtime.start()).rejects.toThrow(/consumes: .*registered.*\n.*handlers: .*list\.activated/)
  })

  feature('refuses topics with another partition count', async () => {
    const other = await bench.open({ partitions: 3 })

    await expect(other.ensureTopics(['weir.customers'])).rejects.toMatchObject({ code: 'topic-mismatch' })
  })
}
