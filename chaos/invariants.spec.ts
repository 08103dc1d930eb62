import { evaluate } from './invariants.mjs'

/** One request that was asked, assessed, drawn for, decided, recorded and answered; another that officers ended. */
function world() {
  const told = { id: 'one', revision: 1, outcome: 'approve', status: 200, at: 20, proven: 'one/1' }
  const sent = new Map([
    ['a', { name: 'a', at: 10, outcomes: ['approve'], told: { ...told } }],
    ['b', { name: 'b', at: 30, outcomes: ['hold'], told: { ...told, id: 'two', outcome: 'hold', at: 40, proven: 'two/1' } }],
  ])
  const asks = [
    { key: 'k', requestId: 'one', ask: 1, sourceEventId: 'a' },
    { key: 'k', requestId: 'two', ask: 1, sourceEventId: 'b' },
  ]
  const assessed = () => asks.map(({ key, requestId, ask }) => ({ key, requestId, ask }))
  const decision = (requestId: string, revision: number, outcome: string) => ({
    requestId,
    revision,
    outcome,
    decidedAt: 50,
    digests: { outcome: `${outcome} of ${requestId}` },
  })
  const made = [decision('one', 1, 'approve'), decision('two', 1, 'hold'), decision('two', 2, 'deny')]
  const moved = { licenseId: 'license', quantity: 8, reservationId: 'r', requestId: 'one' }
  const events: Record<string, object[]> = {
    'weir.provisioning.requested.v1': asks,
    'weir.identity.assessed.v1': assessed(),
    'weir.workload.classified.v1': assessed(),
    'weir.decision.made.v1': made,
    'weir.entry.recorded.v1': made.map(({ requestId, revision }, index) => ({
      kind: 'decision',
      subjectId: requestId,
      revision,
      index,
      entry: `hash ${index}`,
    })),
    'weir.decision.answered.v1': made.map(({ requestId, revision, outcome }) => ({
      id: requestId,
      revision,
      outcome,
      proven: `${requestId}/${revision}`,
    })),
    'weir.license.reserved.v1': [{ ...moved }],
    'weir.license.consumed.v1': [],
    'weir.license.released.v1': [],
  }
  return {
    events,
    sent,
    journal: {
      sent,
      licenses: new Map([['license', 10]]),
      cases: new Map([['b', { name: 'b', caseId: 'case', sure: true, outcomes: ['deny'] }]]),
      repeated: [{ name: 'a', id: 'one', status: 200 }],
      reused: [{ name: 'a', status: 422 }],
      reports: [{ reportId: 'report', from: 0, to: 100, asked: 110, decisions: 3 }],
    },
    records: { altered: [] as string[], parked: new Set<string>(), of: (type: string) => events[type] ?? [] },
    log: {
      twice: [] as string[],
      hashes: made.map((_, index) => `hash ${index}`),
      decisions: new Map(made.map(({ requestId, revision, digests }) => [`${requestId}/${revision}`, { sections: { ...digests } }])),
      forks: (): string[] => [],
      proven: () => undefined,
    },
    answers: new Map([
      ['one', { revision: 1, outcome: 'approve' }],
      ['two', { revision: 2, outcome: 'deny', case: 'case' }],
    ]),
    caseStates: new Map([['case', { state: 'resolved', resolution: 'deny' }]]),
    depths: { gateway: 0 } as Record<string, number | string>,
    ready: { gateway: undefined } as Record<string, string | undefined>,
  }
}

type World = ReturnType<typeof world>
const brokenIn = (facts: World) => evaluate(facts).flatMap(({ id, state }) => (state === 'broken' ? [id] : []))
const events = (facts: World, type: string): object[] => facts.events[`weir.${type}.v1`] ?? []

const harms: readonly [string, string, (facts: World) => void][] = [
  ['I1', 'a decision that never came', (facts) => void events(facts, 'decision.made').splice(0, 1)],
  ['I1', 'a revision that is missing', (facts) => void events(facts, 'decision.made').splice(1, 1)],
  ['I1', 'an answer that is behind', (facts) => facts.answers.set('two', { revision: 1, outcome: 'hold', case: 'case' })],
  ['I1', 'an answer that was not decided', (facts) => facts.answers.set('one', { revision: 1, outcome: 'deny' })],
  [
    'I2',
    'an act that became two requests',
    (facts) => void events(facts, 'provisioning.requested').push({ key: 'k', requestId: 'x', ask: 1, sourceEventId: 'a' }),
  ],
  ['I2', 'a decision that nobody asked for', (facts) => void events(facts, 'provisioning.requested').splice(0, 1)],
  ['I3', 'a decision that the log lacks', (facts) => facts.log.decisions.delete('one/1')],
  ['I3', 'a decision that the log tells otherwise', (facts) => facts.log.decisions.set('one/1', { sections: { outcome: 'another' } })],
  ['I3', 'a decision that the log has twice', (facts) => facts.log.twice.push('one/1')],
  ['I3', 'an event with two contents', (facts) => facts.records.altered.push('one')],
  ['I4', 'a fork', (facts) => (facts.log.forks = () => ['two roots'])],
  ['I4', 'an index that is told and is not there', (facts) => facts.log.hashes.reverse()],
  ['I5', 'a license that is overdrawn', (facts) => facts.journal.licenses.set('license', 7)],
  ['I5', 'a draw that is made twice', (facts) => events(facts, 'license.reserved').push(...events(facts, 'license.reserved'))],
  ['I6', 'asks that changed places', (facts) => facts.events['weir.provisioning.requested.v1']?.reverse()],
  ['I6', 'assessments that changed places', (facts) => facts.events['weir.identity.assessed.v1']?.reverse()],
  ['I7', 'a repetition that became another request', (facts) => facts.journal.repeated.push({ name: 'a', id: 'x', status: 200 })],
  ['I7', 'a key that took another body', (facts) => facts.journal.reused.push({ name: 'a', status: 200 })],
  ['I7', 'a request that was turned away', (facts) => void Object.assign(facts.sent.get('a')!.told, { refused: 'why', status: 403 })],
  ['I9', 'an ask that was skipped', (facts) => void events(facts, 'workload.classified').splice(0, 1)],
  ['I9', 'a record that was never answered', (facts) => void events(facts, 'decision.answered').splice(0, 1)],
  ['I9', 'a parked message', (facts) => facts.records.parked.add('one')],
  ['I10', 'an ask that was handled twice', (facts) => events(facts, 'identity.assessed').push({ key: 'k', requestId: 'two', ask: 1 })],
  ['I10', 'an outcome that cannot be', (facts) => (facts.sent.get('a')!.outcomes = ['deny'])],
  [
    'I10',
    'a report that lacks a decision',
    (facts) => facts.journal.reports.push({ reportId: 'x', from: 0, to: 100, asked: 110, decisions: 1 }),
  ],
  [
    'I10',
    'a report with one too many',
    (facts) => facts.journal.reports.push({ reportId: 'x', from: 0, to: 100, asked: 110, decisions: 4 }),
  ],
  ['I11', 'an outbox that does not drain', (facts) => (facts.depths['gateway'] = 3)],
  ['I11', 'an outbox that nobody can see', (facts) => (facts.depths['gateway'] = 'no answer')],
  ['I12', 'a case that stays open', (facts) => facts.caseStates.set('case', { state: 'open', resolution: '' })],
  ['I12', 'a case that ended otherwise', (facts) => facts.caseStates.set('case', { state: 'resolved', resolution: 'approve' })],
  ['I14', 'a service that does not come back', (facts) => (facts.ready['gateway'] = 'not ready')],
  ['R', 'an answer without its receipt', (facts) => (facts.sent.get('a')!.told.proven = 'two/1')],
  [
    'R',
    'an answer on the topic that proves nothing',
    (facts) => void Object.assign(events(facts, 'decision.answered')[0] ?? {}, { proven: undefined }),
  ],
]

describe('what the checker alarms at', () => {
  it('has no complaint about a world in which all is well', () => {
    expect(brokenIn(world())).toEqual([])
  })

  it('says what is not built', () => {
    expect(evaluate(world()).flatMap(({ id, state }) => (state === 'not built' ? [id] : []))).toEqual(['I8', 'I13'])
  })

  it.each(harms)('%s: %s', (id, _harm, strike) => {
    const facts = world()
    strike(facts)
    expect(brokenIn(facts)).toContain(id)
  })
})
