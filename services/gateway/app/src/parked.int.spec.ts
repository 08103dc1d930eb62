import { until } from '@weir/testing'
import { FULL_KEY, HostedGateway, READ_KEY } from '../test/hosted-gateway.js'
import { eventMessage } from '../test/test-events.js'

let gateway: HostedGateway
beforeAll(async () => {
  gateway = await HostedGateway.start()
})
afterAll(() => gateway.stop())
beforeEach(() => {
  gateway.forwarded.splice(0)
  gateway.ownerAnswers.clear()
})

const redrive = (body: object | string, key = FULL_KEY) =>
  gateway.send('/v1/parked:redrive', { method: 'POST', key, body: typeof body === 'string' ? body : JSON.stringify(body) })

const since = '2026-03-02T10:00:00.000Z'

describe('what services set aside', () => {
  it('is told by each; who does not tell is named', async () => {
    const item = { key: 'acme', messages: 2, topics: ['weir.customers'], since, error: 'cannot divide by zero' }
    gateway.ownerAnswers.set('GET /operations/parked', { status: 200, body: { items: [item] } })

    const reply = await gateway.send('/v1/parked')

    expect([reply.status, reply.body]).toEqual([
      200,
      {
        items: [
          { service: 'identity', ...item },
          { service: 'ledger', ...item },
        ],
        unknown: ['classification', 'adjudication', 'reports'],
      },
    ])
    expect(gateway.forwarded.map(({ headers }) => headers.authorization)).toEqual(['Bearer internal-token', 'Bearer internal-token'])
  })

  it('is for officers', async () => {
    expect((await gateway.send('/v1/parked', { key: '' })).status).toBe(401)
    expect((await gateway.send('/v1/parked', { key: READ_KEY })).status).toBe(403)
    expect((await redrive({ service: 'identity', key: 'acme' }, '')).status).toBe(401)
    expect((await redrive('not read before the key is', READ_KEY)).status).toBe(403)
    expect(gateway.forwarded).toEqual([])
  })

  it('is handled again by its owner', async () => {
    gateway.ownerAnswers.set('POST /operations/redrive?key=tenant%3Aaws%3A1%262', { status: 200, body: { redriven: 3 } })

    const reply = await redrive({ service: 'identity', key: 'tenant:aws:1&2' })

    expect([reply.status, reply.body]).toEqual([200, { redriven: 3 }])
    expect(gateway.forwarded).toMatchObject([{ method: 'POST', headers: { authorization: 'Bearer internal-token' } }])
  })

  it('stays where it still fails: the owner says why', async () => {
    const problem = { type: 'urn:weir:problem:still-failing', title: 'still', status: 409, code: 'still-failing', detail: 'by zero' }
    gateway.ownerAnswers.set('POST /operations/redrive?key=acme', { status: 409, body: problem })

    const reply = await redrive({ service: 'ledger', key: 'acme' })

    expect([reply.status, reply.body]).toEqual([409, problem])
  })

  it('stays while its owner is away or does not know the gateway', async () => {
    const away = await redrive({ service: 'reports', key: 'acme' })
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '2'])
    expect(away.body).toMatchObject({ code: 'owner-unavailable' })

    const stranger = { type: 'urn:weir:problem:internal-only', title: 'not you', status: 401, code: 'internal-only' }
    gateway.ownerAnswers.set('POST /operations/redrive?key=acme', { status: 401, body: stranger })
    expect((await redrive({ service: 'identity', key: 'acme' })).body).toMatchObject({ status: 503, code: 'owner-unavailable' })
  })

  it.each([
    ['no JSON', '{', 400, 'malformed-json'],
    ['an unknown service', { service: 'postgres', key: 'acme' }, 422, 'invalid-body'],
    ['no key', { service: 'identity' }, 422, 'invalid-body'],
    ['an empty key', { service: 'identity', key: '' }, 422, 'invalid-body'],
    ['more than that', { service: 'identity', key: 'acme', path: '/metrics' }, 422, 'invalid-body'],
  ])('is not touched by %s', async (_name, body, status, code) => {
    expect((await redrive(body)).body).toMatchObject({ status, code })
    expect(gateway.forwarded).toEqual([])
  })
})

describe('what the gateway itself set aside', () => {
  it('is listed, stays while it fails, and is handled once it is mended', async () => {
    const data = { customerId: 'moss', name: 'Moss Demo', tenants: [] }
    const good = eventMessage('weir.customer.registered.v1', { key: 'moss', subject: 'moss', data })
    await gateway.publish([{ ...good, value: '{"customerId":7}' }])
    const mine = async () => {
      const { body } = await gateway.send('/v1/parked')
      return (body as { items: { service: string; key: string }[] }).items.filter(({ service }) => service === 'gateway')
    }
    const parked = await until(async () => ((await mine()).length > 0 ? await mine() : undefined), { describe: 'it is parked' })

    expect(parked).toMatchObject([{ key: 'moss', messages: 1, topics: ['weir.customers'] }])
    expect((await redrive({ service: 'gateway', key: 'moss' })).body).toMatchObject({ status: 409, code: 'still-failing' })
    expect(await mine()).toHaveLength(1)

    await gateway.database.query(`update parked set value = $1 where key = 'moss'`, [good.value])
    expect((await redrive({ service: 'gateway', key: 'moss' })).body).toEqual({ redriven: 1 })
    expect(await mine()).toEqual([])
    expect(JSON.stringify(gateway.log)).not.toContain(FULL_KEY)
  })
})
