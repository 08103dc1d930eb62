import { randomUUID } from 'node:crypto'
import type { Answer } from '@weir/contracts'
import { until } from '@weir/testing'
import { FULL_KEY, HostedGateway, OTHER_KEY } from '../test/hosted-gateway.js'
import { decisionOn, eventMessage, submitted } from '../test/test-events.js'

let gateway: HostedGateway
/** What was taken, in the order of its acceptance, whoever sent it. */
let accepted: Set<string>
let decided: Set<string>

async function start(env: Readonly<Record<string, string>>): Promise<void> {
  gateway = await HostedGateway.start(env)
  accepted = new Set()
  decided = new Set()
}

interface Asking {
  readonly key?: string
  readonly idempotencyKey?: string
  readonly body?: string
  readonly prefer?: string
}
/** `:submit`, or `:decide` where `prefer` is given */
async function ask({ key = FULL_KEY, idempotencyKey = randomUUID(), body = JSON.stringify(submitted()), prefer }: Asking = {}) {
  const path = `/v1/provisioning-requests:${prefer === undefined ? 'submit' : 'decide'}`
  const headers = { 'idempotency-key': idempotencyKey, ...(prefer === undefined ? {} : { prefer }) }
  const began = performance.now()
  const reply = await gateway.send(path, { method: 'POST', body, key, headers })
  const { id, code } = reply.body as { id?: string; code?: string }
  if (reply.status < 300 && id !== undefined) accepted.add(id)
  return {
    status: reply.status,
    id,
    code,
    retryAfter: Number(reply.headers.get('retry-after')),
    seconds: (performance.now() - began) / 1_000,
  }
}

type Reply = Awaited<ReturnType<typeof ask>>

/** Stands for all that is behind the gate: decides and records whatever was asked and is not decided yet. */
async function decideAll(): Promise<void> {
  const asked = (await gateway.requestedOf(({ requestId }) => !decided.has(requestId))).map((one) => ({ one, decision: decisionOn(one) }))
  for (const { decision } of asked) decided.add(decision.requestId)
  await gateway.publish(
    asked.flatMap(({ one: { key }, decision }) => [
      eventMessage('weir.decision.made.v1', { key, subject: decision.requestId, data: decision }),
      eventMessage('weir.entry.recorded.v1', { key, subject: decision.requestId, data: gateway.ledger.record(decision) }),
    ]),
  )
}

/** Once whatever kept it from working is gone. */
async function recovers(): Promise<void> {
  for (const id of accepted) {
    await until(
      async () => {
        await decideAll()
        return (await gateway.send(`/v1/provisioning-requests/${id}`)).status === 200
      },
      { describe: `${id} is answered`, timeoutMs: 30_000 },
    )
  }
  const answered = await until(
    async () => {
      let reply: Reply | undefined
      const asking = ask({ prefer: 'wait=10' }).then((one) => (reply = one))
      await until(() => decideAll().then(() => reply), { describe: 'there is a reply', timeoutMs: 15_000 })
      const { status, id } = await asking
      return status === 200 ? id : undefined
    },
    { describe: 'somebody who waits is answered again', timeoutMs: 30_000 },
  )
  expect((await gateway.send(`/v1/provisioning-requests/${answered}`)).body as Answer).toMatchObject({ outcome: 'approve' })
  // Exactly one per request: nothing was lost, and nothing was asked for twice.
  for (const id of accepted) expect(await gateway.requestedOf(({ requestId }) => requestId === id)).toHaveLength(1)
}

async function shed(how: string, signal: string): Promise<number> {
  const { text } = await gateway.send('/metrics', { key: 'internal-token' })
  const line = text.split('\n').find((one) => one.startsWith(`weir_shed_total{how="${how}",signal="${signal}"}`))
  return Number(line?.split(' ')[1] ?? 0)
}

/** Who would wait ten seconds is answered long before. */
async function isNotKeptWaiting(signal: string): Promise<void> {
  const before = await shed('not-waited', signal)
  const reply = await ask({ prefer: 'wait=10' })
  expect([reply.status, reply.seconds < 5]).toEqual([202, true])
  expect(await shed('not-waited', signal)).toBe(before + 1)
}

/** Until then they wait in vain, for a second. */
async function soonNobodyWaits(signal: string): Promise<void> {
  const waits = async () => {
    await ask({ prefer: 'wait=1' })
    return (await shed('not-waited', signal)) > 0
  }
  await until(waits, { describe: 'nobody is kept waiting', timeoutMs: 30_000 })
  await isNotKeptWaiting(signal)
}

/** Until a refusal; what it says. */
const refusal = (asking: Asking = {}) =>
  until(
    async () => {
      const reply = await ask(asking)
      return reply.status === 202 ? undefined : reply
    },
    { describe: 'nothing more is taken', timeoutMs: 20_000 },
  )

/** What was taken before, and what only reads, is served while nothing new is taken. */
async function servesTheRest(before: { readonly idempotencyKey: string; readonly body: string; readonly id: string | undefined }) {
  const repeated = await ask({ ...before, prefer: 'wait=10' })
  expect([repeated.status, repeated.id]).toEqual([202, before.id])
  const told = (path: string, key = FULL_KEY) => gateway.send(path, { key }).then(({ status }) => status)
  expect(await told(`/v1/provisioning-requests/${before.id}`)).toBe(202)
  expect(await Promise.all([told('/livez'), told('/metrics', 'internal-token'), told('/openapi.json'), told('/v1/customers')])).toEqual([
    200, 200, 200, 201,
  ])
  // Who may not ask learns that first; who may is not read.
  expect((await ask({ key: 'guess' })).status).toBe(401)
  expect((await ask({ body: 'no JSON' })).status).toBeGreaterThanOrEqual(429)
}

describe('a broker that is away', () => {
  beforeAll(() => start({ WEIR_GATEWAY_WAIT_OUTBOX: '3', WEIR_GATEWAY_MAX_OUTBOX: '8' }))
  afterAll(() => gateway.stop())

  it('stops nothing up to the first depth, waiting from there on, and everything new from the second on', async () => {
    const first = { idempotencyKey: randomUUID(), body: JSON.stringify(submitted()) }
    const records = () => {
      const headers = { 'idempotency-key': first.idempotencyKey }
      return gateway.send('/v1/sources/slurm/events', { method: 'POST', body: '{"note":1}', headers })
    }
    expect((await records()).status).toBe(200)
    gateway.brokerAway = true
    const { id } = await ask(first)
    for (let n = 1; n < 3; n += 1) expect((await ask()).status).toBe(202)
    await isNotKeptWaiting('outbox-depth')
    for (let n = 4; n < 8; n += 1) expect((await ask({ prefer: 'wait=10' })).status).toBe(202)

    expect(await ask()).toMatchObject({ status: 503, code: 'outbox-full', retryAfter: 5 })
    expect(await shed('refused', 'outbox-depth')).toBe(1)
    await servesTheRest({ ...first, id })
    expect((await records()).status).toBe(200)
    expect((await gateway.send('/v1/sources/slurm/events', { method: 'POST', body: '{}' })).body).toMatchObject({ code: 'outbox-full' })

    gateway.brokerAway = false
    await recovers()
  }, 60_000)
})

describe('a broker that stays away', () => {
  beforeAll(() => start({ WEIR_GATEWAY_WAIT_OUTBOX_AGE_MS: '200', WEIR_GATEWAY_MAX_OUTBOX_AGE_MS: '1500' }))
  afterAll(() => gateway.stop())

  it('is waited for a while, and then not', async () => {
    gateway.brokerAway = true
    const first = { idempotencyKey: randomUUID(), body: JSON.stringify(submitted()) }
    const { id } = await ask(first)
    await soonNobodyWaits('outbox-age')
    expect(await refusal()).toMatchObject({ status: 503, code: 'outbox-stalled', retryAfter: 5 })
    await servesTheRest({ ...first, id })

    gateway.brokerAway = false
    await recovers()
  }, 60_000)
})

describe('a gate that falls behind the decisions', () => {
  beforeAll(() => start({ WEIR_GATEWAY_WAIT_LAG: '4', WEIR_GATEWAY_MAX_LAG: '12' }))
  afterAll(() => gateway.stop())

  it('lets nobody wait, takes nothing new, and catches up', async () => {
    let goOn = (): void => undefined
    gateway.held = new Promise((done) => (goOn = done))
    const first = { idempotencyKey: randomUUID(), body: JSON.stringify(submitted()) }
    const { id } = await ask(first)
    await ask()
    await gateway.ask(({ requestId }) => requestId === [...accepted].at(-1))
    await decideAll()
    await soonNobodyWaits('lag')

    const refused = await until(
      async () => {
        await decideAll()
        const reply = await ask()
        return reply.status === 202 ? undefined : reply
      },
      { describe: 'nothing more is taken', everyMs: 200 },
    )
    expect(refused).toMatchObject({ status: 503, code: 'answers-behind', retryAfter: 5 })
    await servesTheRest({ ...first, id })

    goOn()
    gateway.held = undefined
    await recovers()
  }, 60_000)
})

describe('requests that nobody decides', () => {
  beforeAll(() => start({ WEIR_GATEWAY_WAIT_OPEN: '2', WEIR_GATEWAY_MAX_OPEN: '8' }))
  afterAll(() => gateway.stop())

  it('are taken without waiting, then from those who have less than their share, then from nobody', async () => {
    const first = { idempotencyKey: randomUUID(), body: JSON.stringify(submitted()) }
    const { id } = await ask(first)
    await ask()
    await isNotKeptWaiting('open-requests')
    await ask()
    expect(await ask()).toMatchObject({ status: 429, code: 'caller-over-share', retryAfter: 5 })
    await servesTheRest({ ...first, id })

    for (let n = 0; n < 4; n += 1) expect((await ask({ key: OTHER_KEY })).status).toBe(202)
    expect(await ask({ key: OTHER_KEY })).toMatchObject({ status: 503, code: 'too-many-open' })
    expect(await ask()).toMatchObject({ status: 503, code: 'too-many-open' })
    expect((await gateway.send('/metrics', { key: 'internal-token' })).text).toContain('\nweir_open_requests 8\n')

    await recovers()
    expect((await gateway.send('/metrics', { key: 'internal-token' })).text).toContain('\nweir_open_requests 0\n')
  }, 60_000)

  it('count before they are stored: those at the door are many enough', async () => {
    const atTheDoor: ReturnType<typeof ask>[] = []
    await gateway.database.inTransaction(async (tx) => {
      await tx.query('lock table provisioning_request in exclusive mode')
      for (let n = 0; n < 4; n += 1) atTheDoor.push(ask())
      const open = async () => (await gateway.send('/metrics', { key: 'internal-token' })).text.includes('\nweir_open_requests 4\n')
      await until(open, { describe: 'they are at the door' })
      expect(await ask()).toMatchObject({ status: 429, code: 'caller-over-share' })
    })
    expect((await Promise.all(atTheDoor)).map(({ status }) => status)).toEqual([202, 202, 202, 202])
    await recovers()
  }, 60_000)

  it('are no reason to let a pod in', async () => {
    for (let n = 0; n < 2; n += 1) await ask()
    const uid = randomUUID()
    const pod = {
      metadata: { name: 'w', namespace: 'team' },
      spec: { containers: [{ name: 'm', resources: { limits: { 'nvidia.com/gpu': '8' } } }] },
    }
    const request = {
      uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'team',
      operation: 'CREATE',
      userInfo: { username: 'dev@example.com' },
      object: { apiVersion: 'v1', kind: 'Pod', ...pod },
    }
    const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request })
    const reply = await gateway.send('/v1/sources/kubernetes-admission/events?answer=admission', { method: 'POST', body })

    expect(reply.body).toMatchObject({ response: { uid, allowed: false } })
    expect(await shed('not-waited', 'open-requests')).toBeGreaterThan(1)
    await recovers()
  }, 60_000)
})

describe('an event loop that is late', () => {
  beforeAll(() => start({ WEIR_GATEWAY_WAIT_LOOP_DELAY_MS: '30', WEIR_GATEWAY_MAX_LOOP_DELAY_MS: '150' }))
  afterAll(() => gateway.stop())

  /** Keeps the loop, which is the gate's too, for so long each time it comes round. */
  async function busy(ms: number, meanwhile: () => Promise<void>): Promise<void> {
    let done = false
    const work = meanwhile().finally(() => (done = true))
    while (!done) {
      for (const end = performance.now() + ms; performance.now() < end;);
      await new Promise((next) => setImmediate(next))
    }
    await work
  }

  it('lets nobody wait, takes nothing new, and recovers', async () => {
    const first = { idempotencyKey: randomUUID(), body: JSON.stringify(submitted()) }
    const { id } = await ask(first)
    await busy(70, async () => {
      await soonNobodyWaits('event-loop')
    })
    await busy(220, async () => {
      expect(await refusal()).toMatchObject({ status: 503, code: 'overloaded', retryAfter: 5 })
      expect(await ask({ ...first, prefer: 'wait=10' })).toMatchObject({ status: 202, id })
    })

    await recovers()
  }, 90_000)
})
