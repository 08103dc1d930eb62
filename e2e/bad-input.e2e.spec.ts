import { randomUUID } from 'node:crypto'
import type { Answer } from '@weir/contracts'
import { asCloudEvent, asked, awaitAnswer, member, seedWorld, sendEvent, type Reply } from '@weir/demo'
import { until } from '@weir/testing'
import { startWeir, type WeirProcess } from './weir-process.js'

const timeoutMs = 20_000
const decidePath = '/v1/provisioning-requests:decide'
const larkspur = '000000000101'
const CPU_LAUNCHES = 10_000
const BATCH = 400

let weir: WeirProcess

beforeAll(async () => {
  weir = await startWeir({ script: 'services/embedded/dist/main.js', arguments: ['--no-demo'] })
  await seedWorld(weir.client)
}, 240_000)
afterAll(() => weir?.remove(), 60_000)

const valid = (id: string = randomUUID()) => asked(id, { account: larkspur, sku: 'm7i.large', count: 1 }).body

const decide = (body: object | string, key: string | undefined = randomUUID()) =>
  weir.client.call({
    method: 'POST',
    path: decidePath,
    body,
    headers: { 'content-type': 'application/json', ...(key === '' ? {} : { 'idempotency-key': key }) },
  })

const pointersOf = ({ json }: Reply): readonly unknown[] => {
  const errors = member(json, 'errors')
  return Array.isArray(errors) ? errors.map((error) => member(error, 'pointer')) : []
}

const expectProblem = (reply: Reply, status: number, code: string) =>
  expect({ status: reply.status, code: member(reply.json, 'code') }).toEqual({ status, code })

describe('what is refused', () => {
  it('malformed JSON', async () => {
    expectProblem(await decide('{"source": '), 400, 'malformed-json')
  })
  it('a body above 256 KB', async () => {
    expectProblem(await decide({ ...valid(), workloadHints: ['x'.repeat(257 * 1024)] }), 413, 'body-too-large')
  })
  it('an unknown platform', async () => {
    const reply = await weir.client.call({ method: 'POST', path: '/v1/sources/mainframe/events', body: {} })
    expectProblem(reply, 404, 'platform-unknown')
  })
  it.each([
    ['a count of 0', { skus: [{ raw: 'm7i.large', count: 0 }] }, '/skus/0/count'],
    ['a negative count', { skus: [{ raw: 'm7i.large', count: -3 }] }, '/skus/0/count'],
    ['a count above a million', { skus: [{ raw: 'm7i.large', count: 1_000_001 }] }, '/skus/0/count'],
    ['an end before the start', { window: { start: '2026-11-23T10:00:00Z', end: '2026-11-23T09:00:00Z' } }, '/window/end'],
  ])('%s, with its pointer', async (_name, change, pointer) => {
    const reply = await decide({ ...valid(), ...change })
    expectProblem(reply, 422, 'invalid-body')
    expect(pointersOf(reply)).toEqual([pointer])
  })
  it('a time more than 5 minutes ahead', async () => {
    const reply = await decide({ ...valid(), occurredAt: new Date(Date.now() + 6 * 60_000).toISOString() })
    expectProblem(reply, 422, 'invalid-body')
    expect(pointersOf(reply)).toEqual(['/occurredAt'])
  })
  it('another body under the same key', async () => {
    const key = randomUUID()
    expect((await decide(valid(), key)).status).toBeLessThan(300)
    expectProblem(await decide(valid(), key), 422, 'idempotency-key-reused')
  })
  it('another body under the same event id', async () => {
    const body = valid()
    expect((await decide(body)).status).toBeLessThan(300)
    const reply = await decide({ ...body, requestedCount: { min: 1, max: 2 } })
    expectProblem(reply, 409, 'event-id-reused')
  })
  it('no key, a foreign key, a key without the scope, no Idempotency-Key', async () => {
    const post = { method: 'POST', path: decidePath, body: valid() } as const
    expectProblem(await weir.client.call({ ...post, as: 'none' }), 401, 'key-missing')
    expectProblem(await weir.client.call({ ...post, as: 'none', headers: { authorization: 'Bearer weir_wrong' } }), 401, 'key-missing')
    expectProblem(await weir.client.call({ ...post, path: '/v1/customers' }), 403, 'scope-missing')
    expectProblem(await decide(valid(), ''), 400, 'idempotency-key-missing')
  })
  it('one bad event of a batch, and no other', async () => {
    const good = (id: string) => asCloudEvent(asked(id, { account: larkspur, sku: 'm7i.large', count: 1 })).body
    const bad = { ...good(randomUUID()), data: { action: 'create' } }
    const path = '/v1/sources/cloudevents/events'
    const reply = await weir.client.must({
      method: 'POST',
      path,
      body: [good(randomUUID()), bad, good(randomUUID())],
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    })
    const results = member(reply.json, 'results')
    expect(results).toMatchObject([{ result: 'request' }, { result: 'unreadable', requests: [] }, { result: 'request' }])
  })
})

const settled = (id: string, outcome: Answer['outcome']) =>
  awaitAnswer(weir.client, id, { fits: (answer) => answer.outcome === outcome, timeoutMs })

describe('what is not known', () => {
  it('holds an unknown machine type, lists it, and decides again when it is mapped', async () => {
    const raw = 'g99.exotic-8'
    const id = await sendEvent(weir.client, asked(randomUUID(), { account: larkspur, sku: raw, count: 1 }), randomUUID())
    const held = await settled(id, 'hold')
    expect(held).toMatchObject({ outcome: 'hold', reasons: [{ code: 'unknown-sku' }] })
    expect(held.case).toBeDefined()
    const gaps = await weir.client.must({ path: '/v1/skus/gaps', as: 'officer-1' })
    expect(JSON.stringify(gaps.json)).toContain(raw)
    await weir.client.must({
      method: 'POST',
      path: '/v1/skus',
      as: 'officer-1',
      body: { provider: 'aws', raw, accelerators: [{ model: 'nvidia-h100-sxm5-80gb', count: 8 }] },
      headers: { 'idempotency-key': randomUUID() },
    })
    const decided = await settled(id, 'approve')
    expect(decided).toMatchObject({ outcome: 'approve', revision: 2 })
    expect(decided.case).toBeUndefined()
  })

  it('holds an unknown tenant under one case, lists it, and decides again when it is registered', async () => {
    const account = '000000000777'
    const send = () => sendEvent(weir.client, asked(randomUUID(), { account, sku: 'p5.48xlarge', count: 1 }), randomUUID())
    const ids = [await send(), await send()]
    const held = [await settled(ids[0] ?? '', 'hold'), await settled(ids[1] ?? '', 'hold')]
    expect(held).toMatchObject([{ reasons: [{ code: 'unknown-tenant' }] }, { reasons: [{ code: 'unknown-tenant' }] }])
    expect(held[0]?.case).toBe(held[1]?.case)
    const gaps = await weir.client.must({ path: '/v1/tenants/gaps', as: 'officer-1' })
    expect(JSON.stringify(gaps.json)).toContain(account)
    await weir.client.must({
      method: 'POST',
      path: '/v1/customers/larkspur-robotics/tenants',
      as: 'officer-1',
      body: { system: 'aws', id: account },
      headers: { 'idempotency-key': randomUUID() },
    })
    const decided = await Promise.all(ids.map((id) => settled(id, 'approve')))
    expect(decided).toMatchObject([{ outcome: 'approve' }, { outcome: 'approve' }])
  })
})

describe('machines without accelerators', () => {
  it(`are approved ${CPU_LAUNCHES} times without a case`, async () => {
    const before = { cases: await casesNow(), size: await ledgerSize() }
    let last = ''
    for (let sent = 0; sent < CPU_LAUNCHES; sent += BATCH) {
      const events = Array.from(
        { length: BATCH },
        () => asCloudEvent(asked(randomUUID(), { account: larkspur, sku: 'm7i.large', count: 1 })).body,
      )
      const reply = await weir.client.must({
        method: 'POST',
        path: '/v1/sources/cloudevents/events',
        body: events,
        headers: { 'content-type': 'application/cloudevents-batch+json' },
      })
      const results = member(reply.json, 'results') as readonly { readonly requests: readonly { readonly id: string }[] }[]
      last = results.at(-1)?.requests[0]?.id ?? ''
    }
    await until(async () => (await ledgerSize()) >= before.size + CPU_LAUNCHES, {
      describe: 'every launch is recorded',
      timeoutMs: 240_000,
      everyMs: 500,
    })
    expect(await settled(last, 'approve')).toMatchObject({ outcome: 'approve', reasons: [{ code: 'no-controlled-item' }] })
    expect(await casesNow()).toBe(before.cases)
  }, 300_000)
})

async function ledgerSize(): Promise<number> {
  const reply = await weir.client.must({ path: '/ledger/checkpoint', as: 'none' })
  return Number(reply.text.split('\n')[1])
}

async function casesNow(): Promise<number> {
  const reply = await weir.client.must({ path: '/v1/cases?limit=500', as: 'officer-1' })
  const items = member(reply.json, 'items')
  if (!Array.isArray(items)) throw new Error(`not a list of cases: ${reply.text.slice(0, 200)}`)
  return items.length
}
