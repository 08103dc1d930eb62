import { until } from '@weir/testing'
import { ask, newCustomer, whole } from '../test/asks.js'
import { hostAdjudication, outcomeOf, type HostedAdjudication } from '../test/hosted-adjudication.js'

let weir: HostedAdjudication
beforeAll(async () => {
  weir = await hostAdjudication({ WEIR_ADJUDICATION_DEADLINE_MS: '60000' })
})
afterAll(() => weir.stop())

/** Events lock licenses before cases; officers who did it the other way round would wait for each other with them. */
test('officers who wait for a license hold no case meanwhile', async () => {
  const of = ask({ customerId: newCustomer(), headquarters: 'CN', ownershipComplete: false })
  const body = {
    licenseId: 'license-1',
    number: 'D1',
    customerId: of.customerId,
    paragraphs: ['3A090.a'],
    models: [],
    quantity: 8,
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2099-01-01T00:00:00Z',
  }
  expect(await weir.post('/v1/licenses', { body })).toMatchObject({ status: 201 })
  await until(async () => (await weir.database.query('select from license where recheck_after is null')).length > 0, {
    describe: 'the license is rechecked',
  })
  await weir.publish(whole(of))
  const { caseId } = (await weir.decided(of.requestId)).sections.outcome.value
  await weir.post(`/v1/cases/${caseId}:propose`, { body: { outcome: 'approve', note: 'The owners are known.' } })

  const { deciding } = await weir.database.inTransaction(async (tx) => {
    await tx.query('select from license for update')
    const sent = weir.post(`/v1/cases/${caseId}:decide`, { officer: 'officer-2', body: { accept: true } })
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~ 'from license'`
    await until(async () => (await weir.database.query(waiting)).length > 0, { describe: 'the officer waits for the license' })
    await tx.query('select from officer_case where case_id = $1 for update nowait', [caseId])
    return { deciding: sent }
  })

  expect(await deciding).toMatchObject({ status: 200, body: { state: 'resolved' } })
  expect(outcomeOf(await weir.decided(of.requestId, 2))).toBe('approve')
})
