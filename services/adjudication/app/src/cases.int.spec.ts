import { randomUUID } from 'node:crypto'
import { until } from '@weir/testing'
import { ask, assessed, classified, ended, newCustomer, requested, whole, type Ask } from '../test/asks.js'
import { codesOf, hostAdjudication, outcomeOf, type Answer, type HostedAdjudication } from '../test/hosted-adjudication.js'

let weir: HostedAdjudication
beforeAll(async () => {
  weir = await hostAdjudication({ WEIR_ADJUDICATION_DEADLINE_MS: '60000' })
})
afterAll(() => weir.stop())

interface Case {
  readonly caseId: string
  readonly state: string
  readonly requestIds: readonly string[]
  readonly requests: readonly object[]
}

/** A request of its own case: who owns the customer is open. */
const unclear = (given: Partial<Ask> = {}): Ask => ask({ customerId: newCustomer(), ownershipComplete: false, ...given })

/** The id of the case under which it is held. */
async function held(asked: Ask): Promise<string> {
  await weir.publish(whole(asked))
  return caseOf(asked)
}

async function caseOf(asked: Ask): Promise<string> {
  const decision = await weir.decided(asked.requestId)
  expect(outcomeOf(decision)).toBe('hold')
  const { caseId } = decision.sections.outcome.value
  if (caseId === undefined) throw new Error('the hold has no case')
  return caseId
}

const propose = (caseId: string, outcome: 'approve' | 'deny' = 'approve', officer = 'ann') =>
  weir.post(`/v1/cases/${caseId}:propose`, { officer, body: { outcome, note: 'Fresh extract seen.' } })

const decide = (caseId: string, body: object, officer = 'bob') => weir.post(`/v1/cases/${caseId}:decide`, { officer, body })

const look = async (caseId: string): Promise<Case> => (await weir.get(`/v1/cases/${caseId}`)).body as Case

const resolutionOf = (caseId: string) =>
  until(async () => (await weir.events('weir.case.resolved.v1')).find((one) => one.caseId === caseId), {
    describe: 'the end of the case is published',
  })

const refusal = (status: number, code: string): Partial<Answer> => ({ status, body: expect.objectContaining({ code }) as unknown })

describe('a hold', () => {
  test('opens a case that says why, shows the request, and is listed until it ends', async () => {
    const asked = unclear()
    const caseId = await held(asked)

    const opened = (await weir.events('weir.case.opened.v1')).filter((one) => one.requestId === asked.requestId)
    expect(opened).toMatchObject([{ caseId, scope: 'request', customerId: asked.customerId, reasons: [{ code: 'unknown-owner' }] }])
    expect(await look(caseId)).toMatchObject({
      state: 'open',
      reasons: [{ code: 'unknown-owner' }],
      requests: [{ requestId: asked.requestId, revision: 1, outcome: 'hold', request: { tenantRef: { id: asked.tenant } } }],
    })
    const listed = async (state: string) => {
      const { body } = await weir.get(`/v1/cases?state=${state}&limit=500`)
      return (body as { items: Case[] }).items.some((one) => one.caseId === caseId)
    }
    expect([await listed('open'), await listed('resolved')]).toEqual([true, false])

    await propose(caseId)
    await decide(caseId, { accept: true })

    expect([await listed('open'), await listed('resolved')]).toEqual([false, true])
  })

  test('requests of one unknown tenant share a case; those of another tenant and known customers do not', async () => {
    const tenant = `tenant-${randomUUID()}`
    const stranger = ask()
    const caseId = await held(ask({ tenant }))

    const others = [ask({ tenant }), ask({ tenant, chips: 0 }), ask({ tenant, key: randomUUID() })]
    await weir.publish(others.flatMap(whole))

    for (const other of others) expect(await caseOf(other)).toBe(caseId)
    expect((await look(caseId)).requestIds).toHaveLength(4)
    expect((await weir.events('weir.case.opened.v1')).filter((one) => one.caseId === caseId)).toMatchObject([{ scope: 'tenant' }])
    expect(await held(stranger)).not.toBe(caseId)
    const customerId = newCustomer()
    expect(await held(unclear({ customerId }))).not.toBe(await held(unclear({ customerId })))
  })

  test('ends by itself once its reason is gone, and only with its last request', async () => {
    const tenant = `tenant-${randomUUID()}`
    const [one, two] = [ask({ tenant }), ask({ tenant })]
    const caseId = await held(one)
    expect(await held(two)).toBe(caseId)
    const customerId = newCustomer()

    await weir.publish(whole({ ...one, ask: 2, customerId, key: customerId }))
    expect(outcomeOf(await weir.decided(one.requestId, 2))).toBe('approve')
    expect(await look(caseId)).toMatchObject({ state: 'open', requestIds: [two.requestId] })
    await weir.publish(whole({ ...two, ask: 2, customerId, key: customerId }))
    await weir.decided(two.requestId, 2)

    expect(await resolutionOf(caseId)).toMatchObject({ resolution: 'superseded' })
    expect(await look(caseId)).toMatchObject({ state: 'resolved', requestIds: [one.requestId, two.requestId] })
  })

  test('a CPU-only ask of a known customer opens none', async () => {
    const asked = unclear({ chips: 0 })
    await weir.publish(whole(asked))

    const decision = await weir.decided(asked.requestId)

    expect([outcomeOf(decision), codesOf(decision)]).toEqual(['approve', ['no-controlled-item']])
    expect((await weir.events('weir.case.opened.v1')).some((one) => one.requestId === asked.requestId)).toBe(false)
  })
})

describe('officers', () => {
  test.each(['approve', 'deny'] as const)('%s with two people, and the decision moves', async (outcome) => {
    const asked = unclear()
    const caseId = await held(asked)
    expect(await propose(caseId, outcome)).toMatchObject({ status: 200, body: { state: 'open', proposal: { outcome, officer: 'ann' } } })
    expect(await weir.decisions(asked.requestId)).toHaveLength(1)

    expect(await decide(caseId, { accept: true })).toMatchObject({ status: 200, body: { state: 'resolved' } })

    const second = await weir.decided(asked.requestId, 2)
    expect([outcomeOf(second), codesOf(second)]).toEqual([
      outcome,
      [outcome === 'approve' ? 'officers-approved' : 'officers-denied', 'unknown-owner'],
    ])
    expect(second.sections.people.value).toEqual({ proposedBy: 'ann', approvedBy: 'bob', note: 'Fresh extract seen.' })
    const told = await resolutionOf(caseId)
    expect(told).toMatchObject({ resolution: outcome, proposedBy: 'ann', approvedBy: 'bob' })
    // Without it nobody could show what the log's digest is of.
    expect(await weir.database.query('select salt from officer_case where case_id = $1', [caseId])).toEqual([{ salt: told.salt }])
    const salts = (await weir.events('weir.case.resolved.v1')).map(({ salt }) => salt)
    expect(new Set(salts).size).toBe(salts.length)
    const acted = (await weir.events('weir.case.acted.v1')).filter((one) => one.caseId === caseId)
    expect(acted).toMatchObject([{ action: 'proposed', outcome, officer: 'ann', note: 'Fresh extract seen.' }])
  })

  test('who proposed cannot decide; another one can', async () => {
    const asked = unclear()
    const caseId = await held(asked)
    await propose(caseId)

    expect(await decide(caseId, { accept: true }, 'ann')).toMatchObject(refusal(403, 'four-eyes'))
    expect(await decide(caseId, { accept: false }, 'ann')).toMatchObject(refusal(403, 'four-eyes'))
    expect(await look(caseId)).toMatchObject({ state: 'open', proposal: { officer: 'ann' } })
    expect(await weir.decisions(asked.requestId)).toHaveLength(1)

    expect(await decide(caseId, { accept: true }, 'bob')).toMatchObject({ status: 200 })
    expect(outcomeOf(await weir.decided(asked.requestId, 2))).toBe('approve')
  })

  test('a proposal that is turned down leaves the case open for another one', async () => {
    const asked = unclear()
    const caseId = await held(asked)
    await propose(caseId)

    expect(await decide(caseId, { accept: false, note: 'The extract is old.' })).toMatchObject({ status: 200, body: { state: 'open' } })

    expect(await look(caseId)).not.toHaveProperty('proposal')
    expect(await decide(caseId, { accept: true }, 'carol')).toMatchObject(refusal(409, 'no-proposal'))
    const acted = (await weir.events('weir.case.acted.v1')).filter((one) => one.caseId === caseId)
    expect(acted.at(-1)).toMatchObject({ action: 'proposal-rejected', officer: 'bob', note: 'The extract is old.' })
    await propose(caseId, 'deny', 'bob')
    await decide(caseId, { accept: true }, 'ann')
    expect(outcomeOf(await weir.decided(asked.requestId, 2))).toBe('deny')
  })

  test('one answer decides all requests of an unknown tenant', async () => {
    const tenant = `tenant-${randomUUID()}`
    const all = [ask({ tenant }), ask({ tenant }), ask({ tenant })]
    await weir.publish(all.flatMap(whole))
    const [caseId = ''] = await Promise.all(all.map(caseOf))
    await propose(caseId, 'deny')

    await decide(caseId, { accept: true })

    const second = await Promise.all(all.map((asked) => weir.decided(asked.requestId, 2)))
    expect(second.map(outcomeOf)).toEqual(['deny', 'deny', 'deny'])
    expect((await weir.events('weir.case.resolved.v1')).filter((one) => one.caseId === caseId)).toHaveLength(1)
  })

  test('what changes about a request withdraws the proposal, which rested on other grounds', async () => {
    const asked = unclear()
    const caseId = await held(asked)
    await propose(caseId)

    await weir.publish([classified({ ...asked, nearThreshold: true }, 'reclassified')])
    await weir.decided(asked.requestId, 2)

    expect(await look(caseId)).not.toHaveProperty('proposal')
    expect(await decide(caseId, { accept: true })).toMatchObject(refusal(409, 'no-proposal'))
  })

  test('do not lift a denial: a case whose request the rules deny meanwhile ends without them', async () => {
    const asked = unclear({ headquarters: 'CN', training: 'unknown' })
    const caseId = await held(asked)
    await propose(caseId)

    await weir.publish([classified({ ...asked, training: 'high' }, 'reclassified')])

    expect(codesOf(await weir.decided(asked.requestId, 2))[0]).toBe('license-required')
    expect(await resolutionOf(caseId)).toMatchObject({ resolution: 'superseded' })
    expect(await decide(caseId, { accept: true })).toMatchObject(refusal(409, 'case-resolved'))
  })

  test('end the case of an act that has failed meanwhile', async () => {
    const asked = unclear()
    const caseId = await held(asked)
    await weir.publish([ended(asked, 'failed')])
    await until(
      async () => (await weir.database.query('select from request where request_id = $1 and ended_ask = 1', [asked.requestId])).length > 0,
      {
        describe: 'the end is stored',
      },
    )
    await propose(caseId, 'deny')

    expect(await decide(caseId, { accept: true })).toMatchObject({ status: 200, body: { state: 'resolved' } })

    expect(outcomeOf(await weir.decided(asked.requestId, 2))).toBe('deny')
    expect(await resolutionOf(caseId)).toMatchObject({ resolution: 'deny', approvedBy: 'bob' })
  })

  test('a request held as late is ended by them, too, and decided by the rules once all is known', async () => {
    const asked = unclear({ ownershipComplete: true })
    await weir.publish([requested(asked), classified(asked)])
    await until(
      async () =>
        (
          await weir.database.query('update request_ask set deadline = now() where request_id = $1 and workload is not null returning 1', [
            asked.requestId,
          ])
        ).length > 0,
      { describe: 'the deadline has passed' },
    )
    const caseId = await caseOf(asked)
    await propose(caseId, 'deny')
    await decide(caseId, { accept: true })
    expect(outcomeOf(await weir.decided(asked.requestId, 2))).toBe('deny')

    await weir.publish([assessed(asked)])

    expect(outcomeOf(await weir.decided(asked.requestId, 3))).toBe('approve')
  })

  test('the same command twice acts once', async () => {
    const asked = unclear()
    const caseId = await held(asked)
    const command = { officer: 'ann', key: randomUUID(), body: { outcome: 'approve', note: 'Seen.' } }

    const first = await weir.post(`/v1/cases/${caseId}:propose`, command)

    expect(first.status).toBe(200)
    expect(await weir.post(`/v1/cases/${caseId}:propose`, command)).toEqual(first)
    expect(await weir.post(`/v1/cases/${caseId}:propose`, { ...command, body: { outcome: 'deny', note: 'Seen.' } })).toMatchObject(
      refusal(422, 'idempotency-key-reused'),
    )
    const final = { officer: 'bob', key: randomUUID(), body: { accept: true } }
    await weir.post(`/v1/cases/${caseId}:decide`, final)
    expect(await weir.post(`/v1/cases/${caseId}:decide`, final)).toMatchObject({ status: 200, body: { state: 'resolved' } })

    // A later decision leaves after whatever these had to say.
    const other = unclear()
    await held(other)
    expect((await weir.events('weir.case.acted.v1')).filter((one) => one.caseId === caseId)).toHaveLength(1)
    expect(await weir.decisions(asked.requestId)).toHaveLength(2)
  })
})

describe('a command that cannot be', () => {
  test.each([
    [':propose', { outcome: 'perhaps', note: 'Seen.' }, '/outcome'],
    [':propose', { outcome: 'approve', note: '  ' }, '/note'],
    [':propose', { outcome: 'approve', note: 'Seen.', officer: 'somebody else' }, '/officer'],
    [':decide', { accept: 'yes' }, '/accept'],
    [':decide', {}, '/accept'],
  ])('%s %j: 422 with a pointer', async (command, body, pointer) => {
    const caseId = await held(unclear())

    expect(await weir.post(`/v1/cases/${caseId}${command}`, { body })).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
  })

  test('without an idempotency key: 400', async () => {
    const caseId = await held(unclear())

    const answer = await weir.post(`/v1/cases/${caseId}:propose`, { key: '', body: { outcome: 'deny', note: 'Seen.' } })

    expect(answer).toMatchObject(refusal(400, 'idempotency-key-missing'))
    expect(await look(caseId)).not.toHaveProperty('proposal')
  })

  test('about no case: 404', async () => {
    for (const caseId of [randomUUID(), 'not-an-id']) {
      expect(await propose(caseId)).toMatchObject(refusal(404, 'case-not-found'))
      expect(await weir.get(`/v1/cases/${caseId}`)).toMatchObject(refusal(404, 'case-not-found'))
    }
  })

  test('a list in a state that no case has, or longer than allowed: 422', async () => {
    expect(await weir.get('/v1/cases?state=lost')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/state' }] } })
    expect(await weir.get('/v1/cases?limit=501')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/limit' }] } })
  })
})
