import { createHash, randomUUID } from 'node:crypto'
import { catalog, type DecisionMade, type EventData, type EventType, type SubmittedRequest } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
import type { OutgoingMessage } from '@weir/messaging'

export type Requested = EventData<'weir.provisioning.requested.v1'>

export function eventMessage<T extends EventType>(type: T, event: { key: string; subject: string; data: EventData<T> }): OutgoingMessage {
  return {
    topic: catalog[type].topic,
    key: event.key,
    headers: {
      ce_specversion: '1.0',
      ce_id: randomUUID(),
      ce_type: type,
      ce_source: '/weir/test',
      ce_subject: event.subject,
      ce_time: new Date().toISOString(),
    },
    value: JSON.stringify(event.data),
  }
}

/** What a sender states at least; every one is another act. */
export function submitted(changes: Partial<SubmittedRequest> = {}): SubmittedRequest {
  return {
    source: 'orders',
    sourceEventId: randomUUID(),
    occurredAt: '2026-03-02T10:00:00Z',
    action: 'create',
    tenantRef: { system: 'orders', id: randomUUID() },
    enforcement: 'pre',
    skus: [{ raw: 'm7i.large', count: 2 }],
    requestedCount: { min: 2, max: 2 },
    ...changes,
  }
}

const salt = 'AAAAAAAAAAAAAAAAAAAAAA'

export interface Deciding {
  readonly outcome?: 'approve' | 'hold' | 'deny'
  readonly revision?: number
}

export function decisionOn({ requestId, ask, request }: Requested, { outcome = 'approve', revision = 1 }: Deciding = {}): DecisionMade {
  const { source, action, enforcement } = request
  const nothing = { salt, value: {} }
  return {
    requestId,
    revision,
    ask,
    decidedAt: '2026-03-02T10:00:01.000Z',
    request,
    sections: {
      outcome: { salt, value: { outcome, reasons: [{ code: 'for-the-test', sentence: `The test says ${outcome}.` }] } },
      who: nothing,
      what: { salt, value: { skus: [] } },
      where: nothing,
      why: nothing,
      law: { salt, value: { findings: [], ifShipped: { outcome, findings: [] }, shadow: {} } },
      license: nothing,
      people: nothing,
      request: {
        salt,
        value: { digest: createHash('sha256').update(canonicalJson(request)).digest('hex'), source, action, enforcement },
      },
      pins: { salt, value: { packs: {} } },
    },
  }
}
