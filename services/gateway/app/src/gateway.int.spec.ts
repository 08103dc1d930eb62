import { randomUUID } from 'node:crypto'
import type { Answer, DecisionMade, EntryRecorded } from '@weir/contracts'
import { until } from '@weir/testing'
import { HostedGateway, READ_KEY } from '../test/hosted-gateway.js'
import { decisionOn, eventMessage, submitted, type Deciding, type Requested } from '../test/test-events.js'
import { TestLedger } from '../test/test-ledger.js'

const DECIDE = '/v1/provisioning-requests:decide'
const SUBMIT = '/v1/provisioning-requests:submit'

let gateway: HostedGateway
beforeAll(async () => {
  gateway = await HostedGateway.start({ WEIR_GATEWAY_INSTALLATION: 'prod-1' })
})
afterAll(() => gateway.stop())

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  gateway.send(path, { method: 'POST', body: JSON.stringify(body), headers })
const command = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  post(path, body, { 'idempotency-key': randomUUID(), ...headers })
const idOf = (reply: { readonly body: unknown }): string => (reply.body as { id: string }).id
const submit = async (changes: Parameters<typeof submitted>[0] = {}): Promise<Requested & { readonly key: string }> => {
  const id = idOf(await command(SUBMIT, submitted(changes)))
  return gateway.ask((data) => data.requestId === id)
}
const stored = async (id: string) => gateway.send(`/v1/provisioning-requests/${id}`)
const answered = (id: string): Promise<Answer> =>
  until(
    async () => {
      const reply = await stored(id)
      return reply.status === 200 ? (reply.body as Answer) : undefined
    },
    { describe: `${id} is answered` },
  )
const made = (key: string, decision: DecisionMade) =>
  eventMessage('weir.decision.made.v1', { key, subject: decision.requestId, data: decision })
const recorded = (key: string, entry: EntryRecorded) =>
  eventMessage('weir.entry.recorded.v1', { key, subject: entry.subjectId, data: entry })
const decideNow = async (asked: Requested & { readonly key: string }, how: Deciding = {}) => {
  const decision = decisionOn(asked, how)
  await gateway.publish([made(asked.key, decision), recorded(asked.key, gateway.ledger.record(decision))])
}

describe('refusals come in one order', () => {
  const huge = 'x'.repeat(300_000)
  it.each([
    ['no key, before all else', DECIDE, { key: '', body: huge }, 401, 'key-missing'],
    ['an unknown key', DECIDE, { key: 'guess', body: huge }, 401, 'key-missing'],
    ['a key without the scope', DECIDE, { key: READ_KEY, body: huge }, 403, 'scope-missing'],
    ['a key without the scope, before the platform', '/v1/sources/none/events', { key: READ_KEY, body: huge }, 403, 'scope-missing'],
    ['a platform without an adapter', '/v1/sources/none/events', { body: huge }, 404, 'platform-unknown'],
    ['a body above 256 KB', DECIDE, { body: huge }, 413, 'body-too-large'],
    ['what is not JSON', DECIDE, { body: '{"source":' }, 400, 'malformed-json'],
    ['no idempotency key', DECIDE, { body: '{}' }, 400, 'idempotency-key-missing'],
    ['a body of another form', DECIDE, { body: '{}', headers: { 'idempotency-key': 'k' } }, 422, 'invalid-body'],
  ])('%s', async (_name, path, init, status, code) => {
    const reply = await gateway.send(path, { method: 'POST', ...init })

    expect(reply.status).toBe(status)
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(reply.body).toMatchObject({ status, code })
  })

  it.each([
    ['/skus/0/count', { skus: [{ raw: 'm7i.large', count: 0 }] }],
    ['/requestedCount/min', { requestedCount: { min: 3, max: 2 } }],
    ['/occurredAt', { occurredAt: '2999-01-01T00:00:00Z' }],
    ['/tenantRef/id', { tenantRef: { system: 'orders', id: 'a\u0000b' } }],
    ['/endUse/statement', { endUse: { statement: 'half a \ud800 pair' } }],
  ])('422 points at %s', async (pointer, changes) => {
    const reply = await command(SUBMIT, submitted(changes))

    expect(reply.status).toBe(422)
    expect(reply.body).toMatchObject({ errors: [{ pointer }] })
  })
})

describe('the same command', () => {
  it('with the same key and body is the same request', async () => {
    const body = submitted()
    const key = { 'idempotency-key': 'once' }
    const first = await post(SUBMIT, body, key)

    expect(first.status).toBe(202)
    expect(first.headers.get('location')).toBe(`/v1/provisioning-requests/${idOf(first)}`)
    expect(idOf(await post(SUBMIT, body, key))).toBe(idOf(first))
    expect(idOf(await command(SUBMIT, body))).toBe(idOf(first))
    expect((await post(SUBMIT, submitted(), key)).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' })
    expect(await gateway.requestedOf((data) => data.requestId === idOf(first))).toHaveLength(1)
  })

  it('under a known event id with another body is a conflict', async () => {
    const body = submitted()
    await command(SUBMIT, body)
    const reply = await command(SUBMIT, { ...body, requestedCount: { min: 2, max: 9 } })

    expect(reply.status).toBe(409)
    expect(reply.body).toMatchObject({ code: 'event-id-reused', errors: [{ pointer: '/sourceEventId' }] })
  })
})

describe('an answer', () => {
  it('is waited for', async () => {
    const body = submitted()
    const asking = command(DECIDE, body, { prefer: 'wait=10' })
    const asked = await gateway.ask((data) => data.request.sourceEventId === body.sourceEventId)
    await decideNow(asked)
    const reply = await asking

    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({
      id: asked.requestId,
      revision: 1,
      outcome: 'approve',
      request: { sourceEventId: body.sourceEventId },
    })
    await until(
      async () => {
        const told = await gateway.messages('weir.answers', 'weir.decision.answered.v1')
        expect(told.map(({ value }) => JSON.parse(value) as unknown)).toContainEqual(reply.body)
        return true
      },
      { describe: 'the same answer is on its topic' },
    )
  })

  it('that does not come in time is found later', async () => {
    const reply = await command(DECIDE, submitted(), { prefer: 'wait=0' })

    expect(reply.status).toBe(202)
    expect(reply.body).toEqual({ id: idOf(reply), state: 'pending' })
    expect(reply.headers.get('location')).toBe(`/v1/provisioning-requests/${idOf(reply)}`)
    expect((await stored(idOf(reply))).status).toBe(202)
    expect((await gateway.send(`/v1/provisioning-requests/${idOf(reply)}/receipt`)).body).toMatchObject({ code: 'not-answered-yet' })
    expect((await stored(randomUUID())).body).toMatchObject({ status: 404, code: 'request-unknown' })
    expect((await stored('none')).status).toBe(404)
  })

  it('shows its receipt and the exact entry, and a later revision replaces it', async () => {
    const asked = await submit()
    const held = decisionOn(asked, { outcome: 'hold' })
    const entry = gateway.ledger.record(held)
    // The receipt may overtake its decision: they travel on two topics.
    await gateway.publish([recorded(asked.key, entry)])
    await gateway.publish([made(asked.key, held)])
    expect((await answered(asked.requestId)).outcome).toBe('hold')
    expect((await gateway.send(`/v1/provisioning-requests/${asked.requestId}/receipt`, { key: READ_KEY })).text).toBe(entry.receipt)
    expect((await gateway.send(`/v1/provisioning-requests/${asked.requestId}/entry`, { key: READ_KEY })).text).toBe(entry.entry)

    await decideNow(asked, { revision: 2 })
    await until(async () => (await answered(asked.requestId)).revision === 2, { describe: 'revision 2 is current' })
  })

  it('is counted by its outcome, and the first one timed', async () => {
    const figures = async () => {
      const { text } = await gateway.send('/metrics', { key: 'internal-token' })
      const value = (name: string) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.split(' ')[1] ?? 0,
        )
      return { approvals: value('weir_answers_total{outcome="approve"}'), timed: value('weir_answer_seconds_count') }
    }
    const before = await figures()
    const asked = await submit()
    await decideNow(asked)
    await answered(asked.requestId)
    await decideNow(asked, { revision: 2 })
    await until(async () => (await answered(asked.requestId)).revision === 2, { describe: 'revision 2 is current' })

    expect(await figures()).toEqual({ approvals: before.approvals + 2, timed: before.timed + 1 })
  })

  it.each<[string, string, (decision: DecisionMade) => readonly [DecisionMade, EntryRecorded]]>([
    ['a forged receipt', 'root-differs', (decision) => [decision, forged(gateway.ledger.record(decision))]],
    ['a receipt of another key', 'no-known-signature', (decision) => [decision, new TestLedger().record(decision)]],
    ['an entry that commits to another outcome', 'another outcome', (decision) => [decision, gateway.ledger.record(denied(decision))]],
    [
      'an entry of another request',
      'another decision',
      (decision) => [decision, { ...gateway.ledger.record(foreign(decision)), subjectId: decision.requestId }],
    ],
    [
      'another request than was decided',
      'another request',
      (decision) => [{ ...decision, request: submitted() }, gateway.ledger.record(decision)],
    ],
  ])('is never given for %s', async (_name, why, tamper) => {
    const [asked, marker] = [await submit(), await submit()]
    const [decision, entry] = tamper(decisionOn(asked))
    // Of one key, so that the marker's answer comes after the other one would have.
    const after = decisionOn(marker)
    await gateway.publish([made('k', decision), made('k', after), recorded('k', entry), recorded('k', gateway.ledger.record(after))])
    await answered(marker.requestId)

    expect((await stored(asked.requestId)).status).toBe(202)
    expect(gateway.log.filter((line) => line.includes(asked.requestId))).toEqual([expect.stringContaining(why)])
    // What is true still gets through afterwards.
    await decideNow({ ...asked, key: 'k' })
    expect((await answered(asked.requestId)).outcome).toBe('approve')
  })
})

const forged = (entry: EntryRecorded): EntryRecorded => ({ ...entry, entry: entry.entry.replace('"v":1', '"v":2') })
const denied = (decision: DecisionMade): DecisionMade =>
  decisionOn({ ...decision, because: 'received', receivedAt: '' }, { outcome: 'deny' })
const foreign = (decision: DecisionMade): DecisionMade => ({ ...decision, requestId: randomUUID() })
