import { randomUUID } from 'node:crypto'
import { until } from '@weir/testing'
import { ask, ended, newCustomer, requested, assessed, classified, whole, type Ask } from '../test/asks.js'
import { codesOf, hostAdjudication, outcomeOf, type HostedAdjudication } from '../test/hosted-adjudication.js'

let weir: HostedAdjudication
beforeAll(async () => {
  weir = await hostAdjudication({ WEIR_ADJUDICATION_DEADLINE_MS: '60000' })
})
afterAll(() => weir.stop())

/** A customer that needs a license for training. */
const chineseAsk = (given: Partial<Ask> = {}): Ask => ask({ customerId: newCustomer(), headquarters: 'CN', ...given })

const licenseOf = (customerId: string | undefined, changes: object = {}) => ({
  licenseId: `license-${randomUUID()}`,
  number: 'D1234567',
  customerId,
  paragraphs: ['3A090.a'],
  models: [],
  quantity: 8,
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  ...changes,
})

async function register(customerId: string | undefined, changes: object = {}) {
  const license = licenseOf(customerId, changes)
  expect(await weir.post('/v1/licenses', { body: license })).toMatchObject({ status: 201 })
  return license
}

async function availableOf({ licenseId }: { readonly licenseId: string }): Promise<number> {
  const { body } = await weir.get('/v1/licenses')
  const found = (body as { items: { licenseId: string; available: number }[] }).items.find((one) => one.licenseId === licenseId)
  if (!found) throw new Error(`license ${licenseId} is not listed`)
  return found.available
}

const availableIs = (license: { readonly licenseId: string }, quantity: number) =>
  until(async () => (await availableOf(license)) === quantity, { describe: `${quantity} are available` })

/** The job that decides held requests again has looked at it, and takes no locks for it any more. */
const rechecked = ({ licenseId }: { readonly licenseId: string }) =>
  until(
    async () => (await weir.database.query('select from license where license_id = $1 and recheck_after is null', [licenseId])).length > 0,
    {
      describe: 'the license is rechecked',
    },
  )

const movesOf = async (kind: 'reserved' | 'consumed' | 'released', { licenseId }: { readonly licenseId: string }) =>
  (await weir.events(`weir.license.${kind}.v1`)).filter((move) => move.licenseId === licenseId)

describe('registration', () => {
  test('is told, and answered with the balance', async () => {
    const license = licenseOf(newCustomer())

    expect(await weir.post('/v1/licenses', { body: license })).toEqual({ status: 201, body: { ...license, available: 8 } })

    const told = await until(
      async () => (await weir.events('weir.license.registered.v1')).find(({ licenseId }) => licenseId === license.licenseId),
      { describe: 'the license is published' },
    )
    expect(told).toMatchObject(license)
  })

  test('needs an idempotency key', async () => {
    const license = licenseOf(newCustomer())

    expect(await weir.post('/v1/licenses', { key: '', body: license })).toMatchObject({
      status: 400,
      body: { code: 'idempotency-key-missing' },
    })
    await expect(availableOf(license)).rejects.toThrow('is not listed')
  })

  test('the same key and body register once, and get the same answer; another body is refused', async () => {
    const license = licenseOf(newCustomer())
    const key = randomUUID()
    const first = await weir.post('/v1/licenses', { key, body: license })

    expect(await weir.post('/v1/licenses', { key, body: license })).toEqual(first)
    expect(await weir.post('/v1/licenses', { key, body: { ...license, quantity: 9 } })).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    })
    expect(await availableOf(license)).toBe(8)
    // Told later, and in the same order; by then a second telling would be there, too.
    const later = await register(license.customerId, { number: 'later' })
    const told = await until(
      async () => {
        const ids = (await weir.events('weir.license.registered.v1')).map(({ licenseId }) => licenseId)
        return ids.includes(later.licenseId) && ids
      },
      { describe: 'a later license of the customer is told' },
    )
    expect(told.filter((licenseId) => licenseId === license.licenseId)).toHaveLength(1)
  })

  test('the same license, or number of a customer, under another key is refused', async () => {
    const license = await register(newCustomer())
    const taken = { status: 409, body: { code: 'license-exists' } }

    expect(await weir.post('/v1/licenses', { body: license })).toMatchObject(taken)
    expect(await weir.post('/v1/licenses', { body: licenseOf(license.customerId) })).toMatchObject(taken)
    expect(await weir.post('/v1/licenses', { body: licenseOf(license.customerId, { number: 'D7654321' }) })).toMatchObject({ status: 201 })
  })

  test.each([
    ['no quantity', { quantity: undefined }, '/quantity'],
    ['less than nothing', { quantity: -1 }, '/quantity'],
    ['half a chip', { quantity: 0.5 }, '/quantity'],
    ['a paragraph that no license is for', { paragraphs: ['3A090.a', '4A003'] }, '/paragraphs/1'],
    ['no paragraph', { paragraphs: [] }, '/paragraphs'],
    ['no customer', { customerId: '' }, '/customerId'],
    ['not an instant', { validFrom: 'yesterday' }, '/validFrom'],
    ['an end before the start', { validTo: '2025-01-01T00:00:00Z' }, '/validTo'],
  ])('%s: 422 with a pointer', async (_, changes, pointer) => {
    const answer = await weir.post('/v1/licenses', { body: licenseOf(newCustomer(), changes) })

    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-body', errors: [{ pointer }] } })
  })

  test('no body at all: 422', async () => {
    expect(await weir.post('/v1/licenses')).toMatchObject({ status: 422 })
  })
})

test("what the log digests of a license is salted, with a salt that is nobody else's and is kept", async () => {
  const licenses = [await register(newCustomer()), await register(newCustomer())]
  const ids = licenses.map(({ licenseId }) => licenseId)

  const told = await until(
    async () => {
      const found = (await weir.events('weir.license.registered.v1')).filter(({ licenseId }) => ids.includes(licenseId))
      return found.length === 2 && found
    },
    { describe: 'both licenses are published' },
  )

  const kept = await weir.database.query('select license_id as "licenseId", salt from license where license_id = any ($1)', [ids])
  expect(told.map(({ licenseId, salt }) => ({ licenseId, salt }))).toEqual(expect.arrayContaining(kept))
  expect(new Set(told.map(({ salt }) => salt)).size).toBe(2)
})

describe('balance', () => {
  test('an approval draws on the license; the decision says on which, and how much', async () => {
    const of = chineseAsk()
    const license = await register(of.customerId, { quantity: 20 })
    await weir.publish(whole(of))

    const decision = await weir.decided(of.requestId)

    expect([outcomeOf(decision), codesOf(decision)[0]]).toEqual(['approve', 'license-covers'])
    expect(decision.sections.license.value).toMatchObject({ licenseId: license.licenseId, quantity: 8 })
    expect(await availableOf(license)).toBe(12)
    const [reserved] = await movesOf('reserved', license)
    expect(reserved).toMatchObject({
      requestId: of.requestId,
      quantity: 8,
      available: 12,
      reservationId: decision.sections.license.value.reservationId,
    })
  })

  test('decided again and still approved, the reservation stays as it is', async () => {
    const of = chineseAsk()
    const license = await register(of.customerId)
    await weir.publish(whole(of))
    const first = await weir.decided(of.requestId)

    // Another finding, the same outcome; and the request itself used up the license.
    await weir.publish([classified({ ...of, nearThreshold: true }, 'reclassified')])

    const second = await weir.decided(of.requestId, 2)
    expect(outcomeOf(second)).toBe('approve')
    expect(second.sections.license.value).toEqual(first.sections.license.value)
    expect(await availableOf(license)).toBe(0)
  })

  test('no license, and a license of another customer, another model or another time: denied', async () => {
    const none = chineseAsk()
    const other = chineseAsk()
    await register(newCustomer())
    await register(other.customerId, { number: 'model', models: ['nvidia-a800'] })
    await register(other.customerId, { number: 'time', validTo: '2026-02-01T00:00:00Z' })
    await register(other.customerId, { number: 'paragraph', paragraphs: ['3A090.b'] })
    await weir.publish([...whole(none), ...whole(other)])

    for (const asked of [none, other]) {
      const decision = await weir.decided(asked.requestId)
      expect([outcomeOf(decision), codesOf(decision)[0]]).toEqual(['deny', 'license-required'])
    }
  })

  test('the last chips go to one of three requests that are decided at the same time, by officers and by an event', async () => {
    const customerId = newCustomer()
    const license = await register(customerId, { quantity: 8 })
    await rechecked(license)
    const [one, two, three] = [0, 1, 2].map(() => chineseAsk({ customerId, ownershipComplete: false }))
    if (!one || !two || !three) throw new Error('three asks are made')
    await weir.publish([...whole(one), ...whole(two)])
    const cases = await Promise.all([one, two].map(async (held) => (await weir.decided(held.requestId)).sections.outcome.value.caseId))
    for (const caseId of cases)
      await weir.post(`/v1/cases/${caseId}:propose`, { body: { outcome: 'approve', note: 'The owners are known.' } })

    const answers = await weir.database.inTransaction(async (tx) => {
      await tx.query('select from license where license_id = $1 for update', [license.licenseId])
      await weir.publish(whole({ ...three, ownershipComplete: true }))
      const deciding = cases.map((caseId) => weir.post(`/v1/cases/${caseId}:decide`, { officer: 'officer-2', body: { accept: true } }))
      await until(async () => (await waiting()) === 3, { describe: 'three units of work wait for the license' })
      return { deciding }
    })

    expect((await Promise.all(answers.deciding)).map(({ status }) => status)).toEqual([200, 200])
    const decisions = await Promise.all([weir.decided(one.requestId, 2), weir.decided(two.requestId, 2), weir.decided(three.requestId)])
    expect(decisions.map(outcomeOf).sort()).toEqual(['approve', 'deny', 'deny'])
    const denied = decisions.filter((decision) => outcomeOf(decision) === 'deny').map((decision) => codesOf(decision)[0])
    expect(denied).toEqual(['license-balance-exhausted', 'license-balance-exhausted'])
    expect(await availableOf(license)).toBe(0)
    expect(await movesOf('reserved', license)).toMatchObject([{ quantity: 8, available: 0 }])
    // What officers approved and the rules denied is told as ended without them.
    for (const [n, caseId] of cases.entries()) {
      const resolution = decisions[n] && outcomeOf(decisions[n]) === 'approve' ? 'approve' : 'superseded'
      expect((await weir.get(`/v1/cases/${caseId}`)).body).toMatchObject({ state: 'resolved', resolution: { resolution } })
    }
  })

  test('drawn chip by chip to the last one, each balance is told once and none below zero', async () => {
    const customerId = newCustomer()
    const license = await register(customerId, { quantity: 5 })
    const asks = Array.from({ length: 12 }, () => chineseAsk({ customerId, chips: 1, key: randomUUID() }))
    await weir.publish(asks.flatMap(whole))

    const decisions = await Promise.all(asks.map((of) => weir.decided(of.requestId)))

    expect(decisions.filter((one) => outcomeOf(one) === 'approve')).toHaveLength(5)
    expect(await availableOf(license)).toBe(0)
    const balances = (await movesOf('reserved', license)).map(({ available }) => available)
    expect(balances.sort()).toEqual([0, 1, 2, 3, 4])
  })
})

describe('the end of an act', () => {
  test.each(['failed', 'released'] as const)('%s before it ran: the reservation goes back, once', async (how) => {
    const of = chineseAsk()
    const license = await register(of.customerId)
    await weir.publish(whole(of))
    await weir.decided(of.requestId)
    expect(await availableOf(license)).toBe(0)

    await weir.publish([ended(of, how), ended(of, how)])
    await availableIs(license, 8)

    const next = chineseAsk({ customerId: of.customerId ?? '' })
    await weir.publish(whole(next))
    expect(outcomeOf(await weir.decided(next.requestId))).toBe('approve')
    expect(await movesOf('released', license)).toMatchObject([{ requestId: of.requestId, quantity: 8, available: 8 }])
  })

  test('machines that ran have used the license; giving them back returns nothing', async () => {
    const of = chineseAsk()
    const license = await register(of.customerId)
    await weir.publish(whole(of))
    await weir.decided(of.requestId)

    await weir.publish([ended(of, 'started'), ended(of, 'released')])

    const next = chineseAsk({ customerId: of.customerId ?? '' })
    await weir.publish(whole(next))
    expect(codesOf(await weir.decided(next.requestId))[0]).toBe('license-balance-exhausted')
    expect(await movesOf('consumed', license)).toMatchObject([{ requestId: of.requestId, quantity: 8, available: 0 }])
    expect(await movesOf('released', license)).toEqual([])
    expect(await availableOf(license)).toBe(0)
  })

  test('an act that failed before it was decided takes nothing from the balance', async () => {
    const of = chineseAsk()
    const license = await register(of.customerId)
    await weir.publish([requested(of), ended(of, 'failed')])
    await until(
      async () => (await weir.database.query('select from request where request_id = $1 and ended_ask = 1', [of.requestId])).length > 0,
      { describe: 'the end is stored' },
    )
    await weir.publish([assessed(of), classified(of)])

    expect(outcomeOf(await weir.decided(of.requestId))).toBe('approve')

    expect(await availableOf(license)).toBe(8)
    expect(await movesOf('released', license)).toHaveLength(1)
  })

  test('nor does one of a tenant who turned out to be a customer after it', async () => {
    const unknown = ask()
    await weir.publish(whole(unknown))
    await weir.decided(unknown.requestId)
    await weir.publish([ended(unknown, 'released')])
    await until(
      async () =>
        (await weir.database.query('select from request where request_id = $1 and ended_ask = 1', [unknown.requestId])).length > 0,
      { describe: 'the end is stored' },
    )
    const customerId = newCustomer()
    const license = await register(customerId)

    await weir.publish(whole(chineseAsk({ ...unknown, ask: 2, customerId, key: customerId, headquarters: 'CN' })))

    expect(outcomeOf(await weir.decided(unknown.requestId, 2))).toBe('approve')
    expect(await availableOf(license)).toBe(8)
  })

  test('an approval that is taken back returns what it had reserved', async () => {
    const of = chineseAsk()
    const license = await register(of.customerId)
    await weir.publish(whole(of))
    await weir.decided(of.requestId)

    await weir.publish([assessed({ ...of, ownershipComplete: false }, 'reassessed')])

    expect(outcomeOf(await weir.decided(of.requestId, 2))).toBe('hold')
    expect(await availableOf(license)).toBe(8)
  })
})

describe('a new license', () => {
  /** Held for want of a license and of nothing else: whether training needs one is open. */
  const heldAsk = (customerId: string) => chineseAsk({ customerId, training: 'unknown' })

  test('ends the holds that it covers, as far as it reaches', async () => {
    const customerId = newCustomer()
    const asks = [heldAsk(customerId), heldAsk(customerId), heldAsk(customerId)]
    const stranger = heldAsk(newCustomer())
    await weir.publish([...asks.flatMap(whole), ...whole(stranger)])
    for (const asked of [...asks, stranger]) {
      const decision = await weir.decided(asked.requestId)
      expect([outcomeOf(decision), codesOf(decision)[0]]).toEqual(['hold', 'facts-missing'])
    }

    const license = await register(customerId, { quantity: 20 })
    await availableIs(license, 4)

    const revised = (await Promise.all(asks.map((of) => weir.decisions(of.requestId)))).filter((all) => all.length === 2)
    expect(revised).toHaveLength(2)
    for (const [, second] of revised) {
      expect(second && [outcomeOf(second), codesOf(second)[0], second.sections.license.value.licenseId]).toEqual([
        'approve',
        'license-covers',
        license.licenseId,
      ])
    }
    expect(await weir.decisions(stranger.requestId)).toHaveLength(1)
    const { body } = await weir.get('/v1/cases?limit=500')
    const open = (body as { items: { customerId?: string }[] }).items.filter((one) => one.customerId === customerId)
    expect(open).toHaveLength(1)
  })

  test('ends none before it is valid', async () => {
    const early = heldAsk(newCustomer())
    const other = heldAsk(newCustomer())
    await weir.publish([...whole(early), ...whole(other)])
    for (const asked of [early, other]) expect(outcomeOf(await weir.decided(asked.requestId))).toBe('hold')
    const license = await register(early.customerId, { validFrom: '2098-01-01T00:00:00Z' })
    await register(other.customerId)
    expect(outcomeOf(await weir.decided(other.requestId, 2))).toBe('approve')
    expect(await weir.decisions(early.requestId)).toHaveLength(1)

    await weir.database.query('update license set valid_from = now() where license_id = $1', [license.licenseId])

    expect(outcomeOf(await weir.decided(early.requestId, 2))).toBe('approve')
  })

  test('leaves a denial as it was answered; who asks again is approved', async () => {
    const denied = chineseAsk()
    const held = heldAsk(denied.customerId ?? '')
    await weir.publish([...whole(denied), ...whole(held)])
    expect(outcomeOf(await weir.decided(denied.requestId))).toBe('deny')
    expect(outcomeOf(await weir.decided(held.requestId))).toBe('hold')

    const license = await register(denied.customerId, { quantity: 16 })
    expect(outcomeOf(await weir.decided(held.requestId, 2))).toBe('approve')

    expect(await availableOf(license)).toBe(8)
    expect(await weir.decisions(denied.requestId)).toHaveLength(1)
    const again = { ...denied, requestId: randomUUID() }
    await weir.publish(whole(again))
    expect(outcomeOf(await weir.decided(again.requestId))).toBe('approve')
  })
})

async function waiting(): Promise<number> {
  const sql = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~ 'from license'`
  return (await weir.database.query(sql)).length
}
