import { jest } from '@jest/globals'
import { until } from '@weir/testing'
import { ask, assessed, classified, ended, newCustomer, requested, whole, type Ask } from '../test/asks.js'
import { codesOf, hostAdjudication, outcomeOf, type HostedAdjudication } from '../test/hosted-adjudication.js'

let weir: HostedAdjudication
beforeAll(async () => {
  weir = await hostAdjudication({ WEIR_ADJUDICATION_DEADLINE_MS: '60000' })
})
afterAll(() => weir.stop())

/** What the service has stored of an ask, once it has stored this. */
const stored = (of: Ask, column: 'requested' | 'identity' | 'workload') =>
  until(
    async () => {
      const sql = `select from request_ask where request_id = $1 and ask = $2 and ${column} is not null`
      return (await weir.database.query(sql, [of.requestId, of.ask])).length > 0
    },
    { describe: `${column} is stored` },
  )

/** Everything that was published under this key and in these topics is handled by then. */
async function settled(key: string): Promise<void> {
  const marker = ask({ key, customerId: key })
  await weir.publish(whole(marker))
  await weir.decided(marker.requestId)
}

describe('join', () => {
  const parts = { requested, identity: assessed, workload: classified } as const
  const orders = [
    ['requested', 'identity', 'workload'],
    ['requested', 'workload', 'identity'],
    ['identity', 'requested', 'workload'],
    ['workload', 'identity', 'requested'],
  ] as const

  test.each(orders)('%s, %s, then %s: decided with the last one, not before', async (first, second, last) => {
    const of = ask({ customerId: newCustomer() })
    for (const part of [first, second]) {
      await weir.publish([parts[part](of)])
      await stored(of, part)
    }
    expect(await weir.decisions(of.requestId)).toEqual([])

    await weir.publish([parts[last](of)])

    const decision = await weir.decided(of.requestId)
    expect(outcomeOf(decision)).toBe('approve')
    expect(decision).toMatchObject({
      revision: 1,
      ask: 1,
      sections: {
        who: { value: { customerId: of.customerId } },
        what: { value: { accelerators: [{ model: 'nvidia-h100-sxm', count: 8 }] } },
      },
    })
  })

  test('an assessment of one ask is not joined to another ask of the same request', async () => {
    const first = ask({ customerId: newCustomer() })
    const second = { ...first, ask: 2 }
    await weir.publish([requested(second), assessed(first), classified(second)])
    await stored(second, 'workload')
    await stored(first, 'identity')
    expect(await weir.decisions(first.requestId)).toEqual([])

    await weir.publish([assessed(second)])

    expect(await weir.decided(first.requestId)).toMatchObject({ revision: 1, ask: 2 })
  })

  test('the decision pins what it rests on, and each section has a salt of its own', async () => {
    const of = ask({ customerId: newCustomer() })
    await weir.publish(whole(of))

    const { sections } = await weir.decided(of.requestId)

    expect(Object.keys(sections.pins.value.packs).sort()).toEqual(['announced', 'country-groups', 'house', 'in-force'])
    expect(sections.pins.value).toMatchObject({ lists: 'b'.repeat(64), ownership: 'c'.repeat(64), catalog: 'd'.repeat(64) })
    const salts = Object.values(sections).map(({ salt }) => salt)
    expect(new Set(salts).size).toBe(10)
  })
})

describe('duplicates', () => {
  test('the same messages again, with the same and with other event ids, decide nothing again', async () => {
    const of = ask({ customerId: newCustomer() })
    const messages = whole(of)
    await weir.publish(messages)
    await weir.decided(of.requestId)

    await weir.publish([...messages, ...whole(of)])
    await settled(of.key)

    expect(await weir.decisions(of.requestId)).toHaveLength(1)
  })

  test('a reassessment decides again only where the outcome, a reason or a finding changes', async () => {
    const of = ask({ customerId: newCustomer() })
    await weir.publish(whole(of))
    expect(outcomeOf(await weir.decided(of.requestId))).toBe('approve')

    await weir.publish([assessed(of, 'reassessed'), assessed({ ...of, ownershipComplete: false }, 'reassessed')])

    const second = await weir.decided(of.requestId, 2)
    expect([outcomeOf(second), codesOf(second)[0]]).toEqual(['hold', 'unknown-owner'])
    await weir.publish([classified({ ...of, chips: 0 }, 'reclassified')])
    expect(outcomeOf(await weir.decided(of.requestId, 3))).toBe('approve')
    expect(await weir.decisions(of.requestId)).toHaveLength(3)
  })
})

describe('deadline', () => {
  afterEach(() => jest.useRealTimers())

  test('what lacks an assessment is held as late, and decided again when it comes', async () => {
    const late = await hostAdjudication({ WEIR_ADJUDICATION_DEADLINE_MS: '100' })
    try {
      const of = ask({ customerId: newCustomer() })
      await late.publish([requested(of), classified(of)])

      const first = await late.decided(of.requestId)
      expect([outcomeOf(first), codesOf(first)]).toEqual(['hold', ['assessment-late']])
      expect(first.sections.outcome.value.reasons[0]?.missing).toEqual(['who'])
      const caseId = first.sections.outcome.value.caseId
      expect(await late.get(`/v1/cases/${caseId}`)).toMatchObject({ status: 200, body: { state: 'open', requestIds: [of.requestId] } })

      await late.publish([assessed(of)])

      const second = await late.decided(of.requestId, 2)
      expect([outcomeOf(second), codesOf(second)]).toEqual(['approve', ['no-rule-applies']])
      expect(second.sections.outcome.value.caseId).toBeUndefined()
      expect(await late.get(`/v1/cases/${caseId}`)).toMatchObject({ body: { state: 'resolved', resolution: { resolution: 'superseded' } } })
    } finally {
      await late.stop()
    }
  })

  test('what was held as late is decided again even after its act has ended', async () => {
    const of = ask({ customerId: newCustomer() })
    await weir.publish([requested(of), classified(of)])
    await stored(of, 'workload')
    await weir.database.query('update request_ask set deadline = now() where request_id = $1', [of.requestId])
    expect(codesOf(await weir.decided(of.requestId))).toEqual(['assessment-late'])

    await weir.publish([ended(of, 'failed')])
    await settled(of.key)
    await weir.publish([assessed({ ...of, ownershipComplete: false })])

    expect(codesOf(await weir.decided(of.requestId, 2))[0]).toBe('unknown-owner')
    await weir.publish([assessed(of, 'reassessed')])
    await settled(of.key)
    expect(await weir.decisions(of.requestId)).toHaveLength(2)
  })

  test('the clock of the database counts, not that of the process', async () => {
    const of = ask({ customerId: newCustomer() })
    const hour = 3_600_000
    jest.useFakeTimers({ advanceTimers: false, doNotFake: [...timers], now: Date.now() + hour })
    await weir.publish([requested(of)])
    await stored(of, 'requested')
    await settled(of.key)

    const [asked] = await weir.database.query<{ left: number }>(
      'select extract(epoch from deadline - now())::float8 as left from request_ask where request_id = $1',
      [of.requestId],
    )
    expect(asked?.left).toBeGreaterThan(30)
    expect(asked?.left).toBeLessThanOrEqual(60)
    expect(await weir.decisions(of.requestId)).toEqual([])
    await weir.database.query('update request_ask set deadline = now() where request_id = $1', [of.requestId])

    const { decidedAt } = await weir.decided(of.requestId)
    expect(Date.now() - Date.parse(decidedAt)).toBeGreaterThan(hour - 60_000)
  })
})

/** Everything but Date. */
const timers = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const
