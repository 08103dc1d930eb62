import { answered, asked, pending, refusal, released } from '../test/samples.js'
import { TestGateway } from '../test/test-gateway.js'
import type { ConnectionOptions } from './connection.js'
import { createClient, type WeirClient } from './create-client.js'
import type { WeirError } from './weir-error.js'

const gateway = new TestGateway()
let pauses: number[]
beforeAll(() => gateway.listen())
afterAll(() => gateway.close())
beforeEach(() => {
  pauses = []
})

const client = (more: Partial<ConnectionOptions> = {}): WeirClient =>
  createClient({ url: `${gateway.url}/`, apiKey: 'my-key', pause: (ms) => Promise.resolve(void pauses.push(ms)), ...more })

const failing = (work: Promise<unknown>): Promise<WeirError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as WeirError,
  )

const keysHeard = () => gateway.heard.map(({ headers }) => headers['idempotency-key'])

describe('asking', () => {
  it('sends the request with the key and how long to wait, and answers what was decided', async () => {
    gateway.prepare({ body: answered('deny') })

    expect(await client().decide(asked, { waitSeconds: 7 })).toEqual({ state: 'answered', answer: answered('deny') })

    const [heard] = gateway.heard
    expect(heard).toMatchObject({ method: 'POST', url: '/v1/provisioning-requests:decide' })
    expect(heard?.headers).toMatchObject({ authorization: 'Bearer my-key', 'content-type': 'application/json', prefer: 'wait=7' })
    expect(JSON.parse(heard?.body ?? '')).toEqual(asked)
  })

  it('tells pending apart, by decide and by get', async () => {
    gateway.prepare({ status: 202, body: pending })

    expect(await client().decide(asked)).toEqual({ state: 'pending', id: pending.id })
    expect(await client().get(pending.id)).toEqual({ state: 'pending', id: pending.id })
    expect(await client().submit(asked)).toEqual({ id: pending.id })
    expect(gateway.heard[0]?.headers).not.toHaveProperty('prefer')
  })

  it('is the same command for the same event, whoever asks again, and another for another', async () => {
    gateway.prepare({ status: 202, body: pending })
    await client().decide(asked)
    await client().submit({ ...asked, requestedCount: { min: 1, max: 2 } })
    await client().decide({ ...asked, sourceEventId: 'order-2' })
    await client().decide(asked, { idempotencyKey: 'mine' })

    const [first, again, other, given] = keysHeard()
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect([again, given]).toEqual([first, 'mine'])
    expect(other).not.toBe(first)
  })

  it('keeps source and event id apart, wherever the one ends and the other begins', async () => {
    gateway.prepare({ status: 202, body: pending })
    await client().decide({ ...asked, source: 'a\nb', sourceEventId: 'c' })
    await client().decide({ ...asked, source: 'a', sourceEventId: 'b\nc' })

    const [one, other] = keysHeard()
    expect(one).not.toBe(other)
  })

  it('reads receipt and entry exactly as they are', async () => {
    gateway.prepare({ body: 'c2sp.org/tlog-proof@v1\nindex 7\n' }, { body: '{"b":1, "a":"ü"}' })

    expect(await client().receipt('a/b')).toBe('c2sp.org/tlog-proof@v1\nindex 7\n')
    expect(Buffer.from(await client().entry('a/b')).toString('utf8')).toBe('{"b":1, "a":"ü"}')
    expect(gateway.heard.map(({ url }) => url)).toEqual([
      '/v1/provisioning-requests/a%2Fb/receipt',
      '/v1/provisioning-requests/a%2Fb/entry',
    ])
  })

  it('hands a platform its records over as they are, with a key only if one is given', async () => {
    gateway.prepare({ body: { results: [{ result: 'ignored', reason: 'a read', requests: [] }] } })

    const { results } = await client().postSource('aws-cloudtrail', '{"Records": [ ]}')
    await client().postSource('slurm', { jobs: [] }, { idempotencyKey: 'k' })

    expect(results).toMatchObject([{ result: 'ignored' }])
    expect(gateway.heard.map(({ url, body }) => [url, body])).toEqual([
      ['/v1/sources/aws-cloudtrail/events', '{"Records": [ ]}'],
      ['/v1/sources/slurm/events', '{"jobs":[]}'],
    ])
    expect(keysHeard()).toEqual([undefined, 'k'])
  })
})

describe('reports, imports and what is parked', () => {
  it('makes a report under a key of its own, lists and downloads', async () => {
    gateway.prepare({ status: 201, body: released }, { status: 201, body: released }, { body: { items: [released] } }, { body: 'PK' })
    const period = { from: released.from, to: released.to }

    expect(await client().report(period)).toEqual(released)
    await client().report(period)
    expect(await client().reports()).toEqual([released])
    expect(Buffer.from(await client().reportPackage(released.reportId)).toString()).toBe('PK')

    const [first, second] = keysHeard()
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).not.toBe(first)
    expect(JSON.parse(gateway.heard[0]?.body ?? '')).toEqual({ template: 'decisions', ...period })
    expect(gateway.heard[3]?.url).toBe(`/v1/reports/${released.reportId}/package`)
  })

  it('imports a text as CSV and rows as JSON; a dry run says so', async () => {
    const summary = { rows: 0, create: 0, change: 0, unchanged: 0, refused: 0, held: 0 }
    gateway.prepare({ body: { dryRun: true, summary, rows: [] } })
    await client().importCustomers('customerId,name\n', { dryRun: true })
    await client().importCustomers([{ customerId: 'moss', name: 'Moss Demo' }], { idempotencyKey: 'k' })

    expect(gateway.heard.map(({ url, body, headers }) => [url, headers['content-type'], body])).toEqual([
      ['/v1/customers:import?dryRun=true', 'text/csv', 'customerId,name\n'],
      ['/v1/customers:import', 'application/json', '[{"customerId":"moss","name":"Moss Demo"}]'],
    ])
    expect(keysHeard()[1]).toBe('k')
  })

  it('tells what is parked and has it handled again', async () => {
    gateway.prepare({ body: { items: [], unknown: ['ledger'] } }, { body: { redriven: 3 } })

    expect(await client().parked()).toEqual({ items: [], unknown: ['ledger'] })
    expect(await client().redrive({ service: 'identity', key: 'acme' })).toEqual({ redriven: 3 })
    expect(gateway.heard[1]).toMatchObject({ method: 'POST', url: '/v1/parked:redrive', body: '{"service":"identity","key":"acme"}' })
  })
})

describe('a gateway without room', () => {
  const busy = (status: number, retryAfter?: string) => ({
    status,
    body: refusal(status, 'outbox-full'),
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  })

  it('is asked again after the pause that it names, with the same key', async () => {
    gateway.prepare(busy(503, '3'), busy(429, '1'), { status: 201, body: released })

    expect(await client().report({ from: released.from, to: released.to })).toEqual(released)
    expect(pauses).toEqual([3000, 1000])
    expect(new Set(keysHeard()).size).toBe(1)
    expect(gateway.heard).toHaveLength(3)
  })

  it('may name a date; nothing is waited for one that has passed', async () => {
    const soon = new Date(Date.now() + 5_000).toUTCString()
    gateway.prepare(busy(503, soon), busy(503, 'Fri, 02 Jan 2026 00:00:00 GMT'), { body: answered('approve') })

    await client().get('x')
    expect(pauses[0]).toBeGreaterThan(2_000)
    expect(pauses[0]).toBeLessThanOrEqual(5_000)
    expect(pauses[1]).toBe(0)
  })

  it('that names no pause gets longer ones; none is longer than allowed', async () => {
    gateway.prepare(busy(503), busy(503, 'soon'), busy(503, '3600'), { body: answered('approve') })

    await client({ maxRetryPauseSeconds: 4 }).get('x')
    expect(pauses).toEqual([250, 500, 4000])
  })

  it('is given up at last, with what it said', async () => {
    gateway.prepare(busy(503, '1'))

    const error = await failing(client({ retries: 2 }).get('x'))
    expect(error).toMatchObject({ code: 'outbox-full', status: 503 })
    expect([pauses.length, gateway.heard.length]).toEqual([2, 3])
  })

  it.each([400, 401, 409, 422, 500, 502])('is not asked again after %i', async (status) => {
    gateway.prepare(busy(status, '1'))

    expect(await failing(client().get('x'))).toMatchObject({ status })
    expect(gateway.heard).toHaveLength(1)
  })
})

describe('what fails', () => {
  it('is the problem that the gateway states', async () => {
    const stated = refusal(422, 'invalid-body', { detail: 'Look.', errors: [{ pointer: '/skus/0/count', detail: 'Too small.' }] })
    gateway.prepare({ status: 422, body: stated, headers: { 'content-type': 'application/problem+json' } })

    const error = await failing(client().decide(asked))
    expect(error).toMatchObject({ name: 'WeirError', code: 'invalid-body', status: 422, problem: stated, message: 'Refused. Look.' })
  })

  it('without a problem is told by its status and the beginning of what came', async () => {
    gateway.prepare({ status: 502, body: '<html>proxy</html>' })

    expect((await failing(client().get('x'))).problem).toMatchObject({ code: 'http-502', status: 502, detail: '<html>proxy</html>' })
  })

  it.each([
    ['no JSON', 'approve'],
    ['another form', '{"outcome":"approve"}'],
    ['an unknown outcome', JSON.stringify({ ...answered('approve'), outcome: 'maybe' })],
  ])('an answer in %s is never taken for one', async (_name, body) => {
    gateway.prepare({ body })

    expect(await failing(client().decide(asked))).toMatchObject({ code: 'unreadable-answer' })
  })

  it('is no answer when nothing listens, nothing comes in time, or the connection breaks', async () => {
    const nobody = await failing(client({ url: 'http://127.0.0.1:9' }).get('x'))
    gateway.prepare({ silent: true })
    const late = await failing(client({ timeoutSeconds: 0.05 }).get('x'))
    gateway.prepare({ body: 'half', headers: { 'content-length': '100' } })
    const broken = await failing(client({ timeoutSeconds: 0.2 }).receipt('x'))

    expect([nobody, late, broken]).toMatchObject([nobody, late, broken].map(() => ({ code: 'unreachable', status: 0 })))
    expect(JSON.stringify([nobody.problem, late.problem])).not.toContain('my-key')
  })
})
