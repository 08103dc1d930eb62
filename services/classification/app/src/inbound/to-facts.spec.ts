import type { EventData } from '@weir/contracts'
import { toFacts } from './to-facts.js'

type Requested = EventData<'weir.provisioning.requested.v1'>

const event = (request: Partial<Requested['request']>): Requested => ({
  requestId: '11111111-1111-4111-8111-111111111111',
  ask: 1,
  because: 'received',
  receivedAt: '2026-11-23T12:00:00.000Z',
  request: { source: 'test', action: 'create', enforcement: 'pre', skus: [], ...request },
})

describe('toFacts', () => {
  it('keeps an absent fact absent', () => {
    expect(toFacts(event({}))).toStrictEqual({ at: '2026-11-23T12:00:00.000Z', skus: [] })
  })

  it('takes the day of the act before the day of its receipt', () => {
    expect(toFacts(event({ occurredAt: '2023-11-16T10:00:00Z', receivedAt: '2026-01-01T00:00:00Z' })).at).toBe('2023-11-16T10:00:00Z')
  })

  it('measures a window without a start from the day of the act', () => {
    const request = { occurredAt: '2026-11-01T00:00:00Z', window: { end: '2026-11-02T12:00:00Z' } }
    expect(toFacts(event(request)).durationHours).toBe(36)
    expect(toFacts(event({ window: { start: '2026-11-01T00:00:00Z' } }))).not.toHaveProperty('durationHours')
  })

  it('keeps nothing that tells who asks or what they wrote about it', () => {
    const facts = toFacts(
      event({
        tenantRef: { system: 'aws', id: '123456789012' },
        principal: { type: 'user', id: 'alice' },
        endUse: { category: 'rendering', statement: 'our film' },
        resource: { kind: 'PyTorchJob', name: 'alice-run' },
        workloadHints: ['entrypoint:torchrun'],
      }),
    )
    expect(facts).toMatchObject({ declared: 'rendering', hints: ['entrypoint:torchrun', 'kind:PyTorchJob'] })
    expect(JSON.stringify(facts)).not.toMatch(/alice|film|123456789012/)
  })
})
