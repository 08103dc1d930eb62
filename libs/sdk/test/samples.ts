import type { Answer, SubmittedRequest } from '@weir/contracts'

export const asked: SubmittedRequest = {
  source: 'orders',
  sourceEventId: 'order-1',
  occurredAt: '2026-11-20T10:00:00Z',
  action: 'create',
  enforcement: 'pre',
  tenantRef: { system: 'aws', id: '000000000101' },
  skus: [{ raw: 'p5.48xlarge', count: 2 }],
  requestedCount: { min: 2, max: 2 },
}

const id = '6f1d2a34-0000-4000-8000-000000000001'
export const pending = { id, state: 'pending' } as const

export const answered = (outcome: Answer['outcome'], more: Partial<Answer> = {}): Answer => ({
  id,
  revision: 1,
  outcome,
  reasons: [{ code: 'license-required', sentence: 'It needs a license.', citation: 'House rule 1', legalStatus: 'company-policy' }],
  receipt: 'c2sp.org/tlog-proof@v1\n',
  request: asked,
  ...more,
})

export const refusal = (status: number, code: string, more: object = {}) => ({
  type: `urn:weir:problem:${code}`,
  title: 'Refused.',
  status,
  code,
  ...more,
})

export const released = {
  reportId: '6f1d2a34-0000-4000-8000-000000000002',
  template: 'decisions',
  from: '2026-11-01T00:00:00Z',
  to: '2026-12-01T00:00:00Z',
  decisions: 3,
  digest: 'ab'.repeat(32),
  releasedAt: '2026-12-01T00:00:01Z',
} as const
