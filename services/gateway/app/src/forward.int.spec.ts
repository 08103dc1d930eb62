import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { until } from '@weir/testing'
import { FULL_KEY, HostedGateway, READ_KEY } from '../test/hosted-gateway.js'
import { submitted } from '../test/test-events.js'

const MAX_OUTBOX = 5

let gateway: HostedGateway
beforeAll(async () => {
  gateway = await HostedGateway.start({ WEIR_GATEWAY_MAX_OUTBOX: String(MAX_OUTBOX) })
})
afterAll(() => gateway.stop())
beforeEach(() => gateway.forwarded.splice(0))

/** A request target exactly as written: `fetch` would tidy it up. */
const raw = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    httpRequest(gateway.url, { path, headers }, (answer) => resolve(answer.resume().statusCode))
      .once('error', reject)
      .end()
  })

describe('what others own', () => {
  it('is asked of them as the caller, without the key', async () => {
    const init = { method: 'POST', body: '{"a":1}', headers: { 'idempotency-key': 'k-1', cookie: 'c', 'weir-actor': 'root' } }
    const reply = await gateway.send('/v1/customers/c%2F1/tenants?x=1', init)

    expect(reply.status).toBe(201)
    expect(reply.body).toEqual({ from: 'owner' })
    expect([reply.headers.get('etag'), reply.headers.get('x-internal')]).toEqual(['"7"', null])
    const [asked] = gateway.forwarded
    expect(asked).toMatchObject({ method: 'POST', url: '/v1/customers/c%2F1/tenants?x=1', body: '{"a":1}' })
    expect(asked?.headers).toMatchObject({
      authorization: 'Bearer internal-token',
      'weir-actor': 'platform',
      'idempotency-key': 'k-1',
    })
    expect(asked?.headers['weir-scopes']?.toString().split(' ')).toContain('customers:write')
    expect(JSON.stringify(asked)).not.toContain(FULL_KEY)
    expect(asked?.headers['cookie']).toBeUndefined()
  })

  it('reaches them for a custom method, and for nobody without the scope', async () => {
    await gateway.send('/v1/customers:import?dryRun=true', { method: 'POST', body: '[]' })
    expect(gateway.forwarded[0]?.url).toBe('/v1/customers:import?dryRun=true')

    expect((await gateway.send('/v1/customers', { key: '' })).status).toBe(401)
    expect((await gateway.send('/v1/customers', { key: READ_KEY })).status).toBe(403)
    expect((await gateway.send('/v1/constructor')).status).toBe(404)
    expect(gateway.forwarded).toHaveLength(1)
  })

  it('under /ledger/ is open to everybody, and only there', async () => {
    expect((await gateway.send('/ledger/checkpoint', { key: '' })).status).toBe(201)
    expect(gateway.forwarded[0]?.headers).toMatchObject({ 'weir-actor': 'public', 'weir-scopes': '' })
    expect((await gateway.send('/ledger/checkpoint', { key: '', method: 'POST' })).status).toBe(404)
  })

  it.each(['/ledger/../metrics', '/ledger/%2e%2E/metrics', '/ledger/x/..%2f../metrics', '/v1/customers/../../operations/redrive'])(
    'cannot be left by %s',
    async (path) => {
      expect(await raw(path, { authorization: `Bearer ${FULL_KEY}` })).toBe(404)
      expect(gateway.forwarded).toEqual([])
    },
  )

  it('is never asked of a host that the caller names', async () => {
    await raw('http://127.0.0.1:9/ledger/checkpoint?a=1')
    expect(gateway.forwarded.map(({ url }) => url)).toEqual(['/ledger/checkpoint?a=1'])
  })

  it('harms nobody who hangs up before the owner answers', async () => {
    let answerNow = (): void => undefined
    gateway.ownerAnswers.set('GET /ledger/slow', { status: 200, body: {}, after: new Promise((done) => (answerNow = done)) })
    const asking = httpRequest(gateway.url, { path: '/ledger/slow' }).once('error', () => undefined)
    asking.end()
    await until(() => gateway.forwarded.length === 1, { describe: 'the owner is asked' })
    const closed = new Promise((done) => asking.once('close', done))
    asking.destroy()
    await closed
    // By then the gateway knows.
    await gateway.send('/livez')
    answerNow()

    for (let n = 0; n < 5; n++) expect((await gateway.send('/ledger/checkpoint', { key: '' })).body).toEqual({ from: 'owner' })
  })

  it('is 503 while they are away', async () => {
    const reply = await gateway.send('/v1/reports')

    expect(reply.status).toBe(503)
    expect(reply.headers.get('retry-after')).toBe('2')
    expect(reply.body).toMatchObject({ code: 'owner-unavailable' })
    expect((await gateway.send('/v1/cases')).body).toMatchObject({ code: 'owner-unavailable' })
  })
})

describe('pages', () => {
  it('are there without a key', async () => {
    expect((await gateway.send('/', { key: '' })).headers.get('content-type')).toMatch(/^text\/html/)
    expect((await gateway.send('/openapi.json', { key: '' })).body).toMatchObject({ openapi: '3.1.0' })
    expect((await gateway.send('/asyncapi.json', { key: '' })).status).toBe(200)
    expect((await gateway.send('/readyz', { key: '' })).status).toBe(200)
  })
})

describe('a broker that is away', () => {
  const submit = () =>
    gateway.send('/v1/provisioning-requests:submit', {
      method: 'POST',
      body: JSON.stringify(submitted()),
      headers: { 'idempotency-key': randomUUID() },
    })

  it('stops nothing up to the stated depth; then nothing more is taken until it is back', async () => {
    gateway.brokerAway = true
    const statuses: number[] = []
    for (let n = 0; n < MAX_OUTBOX; n += 1) statuses.push((await submit()).status)
    expect(statuses).toEqual(statuses.map(() => 202))

    const refused = await submit()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(refused.body).toMatchObject({ code: 'outbox-full' })

    gateway.brokerAway = false
    await until(async () => (await submit()).status === 202, { describe: 'there is room again', timeoutMs: 20_000 })
  })
})
