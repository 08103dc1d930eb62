import { randomUUID } from 'node:crypto'
import { catalog, type EventData, type EventType } from '@weir/contracts'
import type { OutgoingMessage } from '@weir/messaging'

export type Requested = EventData<'weir.provisioning.requested.v1'>
export type Assessed = EventData<'weir.identity.assessed.v1'>
export type Classified = EventData<'weir.workload.classified.v1'>

/** What a spec varies; the rest is a remote ask for H100 that nothing stands in the way of. */
export interface Ask {
  readonly requestId: string
  readonly ask: number
  /** absent: a tenant that nobody knows */
  readonly customerId?: string
  readonly tenant: string
  /** of messages; customers' events have their id, as everywhere */
  readonly key: string
  readonly headquarters: string
  readonly ownershipComplete: boolean
  /** 0: nothing that holds an accelerator */
  readonly chips: number
  readonly training: Classified['training']['level']
  readonly nearThreshold: boolean
}

export function ask(given: Partial<Ask> = {}): Ask {
  const tenant = given.tenant ?? `tenant-${randomUUID()}`
  return {
    requestId: randomUUID(),
    ask: 1,
    tenant,
    key: given.customerId ?? `tenant:portal:${tenant}`,
    headquarters: 'DE',
    ownershipComplete: true,
    chips: 8,
    training: 'high',
    nearThreshold: false,
    ...given,
  }
}

export const newCustomer = (): string => `customer-${randomUUID()}`

export function requested(of: Ask, changes: Partial<Requested['request']> = {}): OutgoingMessage {
  const data: Requested = {
    requestId: of.requestId,
    ask: of.ask,
    because: of.ask === 1 ? 'received' : 'tenant-known',
    receivedAt: '2026-03-02T10:15:01.250Z',
    ...(of.customerId === undefined ? {} : { customerId: of.customerId }),
    request: {
      source: 'portal',
      sourceEventId: of.requestId,
      occurredAt: '2026-03-02T10:15:00Z',
      action: 'create',
      tenantRef: { system: 'portal', id: of.tenant },
      enforcement: 'pre',
      skus: [{ raw: of.chips === 0 ? 'm7i.large' : 'h100-card', count: Math.max(1, of.chips) }],
      requestedCount: { min: 1, max: 1 },
      delivery: 'remote',
      endUse: { category: 'ai-training' },
      ...changes,
    },
  }
  return message('weir.provisioning.requested.v1', data, of.key)
}

const digest = (letter: string): string => letter.repeat(64)

export function assessed(of: Ask, type: 'assessed' | 'reassessed' = 'assessed'): OutgoingMessage {
  const data: Assessed = {
    requestId: of.requestId,
    ask: of.ask,
    assessedAt: '2026-03-02T10:15:01.300Z',
    tenantRef: { system: 'portal', id: of.tenant },
    subject:
      of.customerId === undefined
        ? { state: 'unknown-tenant' }
        : {
            state: 'known',
            customerId: of.customerId,
            name: 'Customer of the Spec',
            headquarters: of.headquarters,
            ultimateParent: { partyId: 'party-1', name: 'Parent of the Spec', headquarters: of.headquarters },
            ownershipComplete: of.ownershipComplete,
            owners: [],
          },
    hits: [],
    listedOwnershipPercent: 0,
    redFlags: [],
    pins: { lists: digest('b'), ownership: digest('c') },
  }
  return message(`weir.identity.${type}.v1`, data, of.key)
}

export function classified(of: Ask, type: 'classified' | 'reclassified' = 'classified'): OutgoingMessage {
  const none = of.chips === 0
  const data: Classified = {
    requestId: of.requestId,
    ask: of.ask,
    classifiedAt: '2026-03-02T10:15:01.280Z',
    resolution: none ? 'none' : 'accelerators',
    unknownSkus: [],
    accelerators: none
      ? []
      : [
          {
            model: 'nvidia-h100-sxm',
            count: of.chips,
            paragraph: '3A090.a',
            basis: 'TPP 15832 is at or above 4800.',
            margins: [],
            nearThreshold: false,
          },
        ],
    paragraph: none ? 'none' : '3A090.a',
    rule: 'october-2023',
    nearThreshold: of.nearThreshold,
    totals: { accelerators: of.chips },
    training: { level: of.training, contradictsDeclared: false, reasons: [] },
    region: { country: 'US', operator: 'The Provider', relation: 'own', stateAffiliated: 'no' },
    pins: { catalog: digest('d') },
  }
  return message(`weir.workload.${type}.v1`, data, of.key)
}

export const ended = (of: Ask, how: 'started' | 'failed' | 'released'): OutgoingMessage =>
  message(`weir.provisioning.${how}.v1`, { requestId: of.requestId }, of.key)

/** All that is needed to decide. */
export const whole = (of: Ask): readonly OutgoingMessage[] => [requested(of), assessed(of), classified(of)]

function message<T extends EventType>(type: T, data: EventData<T>, key: string): OutgoingMessage {
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: type,
    ce_source: '/weir/spec',
    ce_subject: 'what it is about',
    ce_time: '2026-03-02T10:15:02.000Z',
  }
  return { topic: catalog[type].topic, key, headers, value: JSON.stringify(data) }
}
