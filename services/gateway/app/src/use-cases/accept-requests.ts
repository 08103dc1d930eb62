import { mergeStep } from '@weir/gateway-core'
import type { CanonicalRequest, EventType, TenantRef } from '@weir/contracts'
import type { UnitOfWork } from '@weir/messaging'
import { tenantKey, type RequestStore, type StoredRequest, type TenantStore } from './ports.js'

/** One record's ask, as an adapter read it. */
export interface Ask {
  readonly request: CanonicalRequest
  readonly actKey: string
  readonly fingerprint: string
  /** a command states the whole request at once: another body under the same act is a conflict, not a step */
  readonly whole: boolean
  readonly resourceIds: readonly string[]
  readonly traceparent?: string | undefined
  /** whose request it is, by API key; absent: nobody's, it came over weir.intake */
  readonly caller?: string | undefined
}

export type Accepted =
  | { readonly kind: 'accepted'; readonly requestId: string; readonly ask: number; readonly isNew: boolean }
  | { readonly kind: 'conflict'; readonly requestId: string }

interface Draft {
  stored: StoredRequest
  dirty: boolean
}

/** What a batch of asks works on; loaded in bulk, changed in memory, saved in bulk. */
interface Desk {
  readonly unit: UnitOfWork
  readonly drafts: Map<string, Draft>
  readonly customers: ReadonlyMap<string, string>
}

export class AcceptRequests {
  /** `opened` is called once per new request, after the commit. */
  constructor(
    private readonly stores: { readonly requests: RequestStore; readonly tenants: TenantStore },
    private readonly newId: () => string,
    private readonly opened: (requestId: string, caller: string | undefined) => void = () => undefined,
  ) {}

  /** Answers in the order of `asks`. What is accepted is stored and its events are in the outbox of the same transaction. */
  async accept(unit: UnitOfWork, asks: readonly Ask[]): Promise<Accepted[]> {
    if (asks.length === 0) return []
    const actKeys = [...new Set(asks.map((ask) => ask.actKey))].sort()
    const tenants = asks.flatMap(({ request }) => (request.tenantRef ? [request.tenantRef] : []))
    await this.stores.requests.lockActs(unit.tx, actKeys)
    await this.stores.tenants.lock(unit.tx, tenants, 'asking')
    const known = await this.stores.requests.byActs(unit.tx, actKeys)
    const desk: Desk = {
      unit,
      drafts: new Map(known.map((stored) => [stored.actKey, { stored, dirty: false }])),
      customers: await this.stores.tenants.customersOf(unit.tx, tenants),
    }
    const accepted = asks.map((ask) => this.take(desk, ask))
    await this.stores.requests.save(
      unit.tx,
      [...desk.drafts.values()].filter((draft) => draft.dirty).map((draft) => draft.stored),
    )
    await this.followResources(unit, { asks, accepted })
    unit.afterCommit(() => {
      for (const [place, one] of accepted.entries()) {
        if (one.kind === 'accepted' && one.isNew) this.opened(one.requestId, asks[place]?.caller)
      }
    })
    return accepted
  }

  private take(desk: Desk, ask: Ask): Accepted {
    const draft = desk.drafts.get(ask.actKey)
    if (draft === undefined) return this.open(desk, ask)
    if (!ask.whole) this.step(desk, { draft, ask })
    else if (draft.stored.fingerprint !== ask.fingerprint) return { kind: 'conflict', requestId: draft.stored.id }
    return { kind: 'accepted', requestId: draft.stored.id, ask: draft.stored.ask, isNew: false }
  }

  private open(desk: Desk, ask: Ask): Accepted {
    const tenant = ask.request.tenantRef
    const customerId = tenant && desk.customers.get(tenantKey(tenant))
    const id = this.newId()
    const stored: StoredRequest = {
      id,
      actKey: ask.actKey,
      fingerprint: ask.fingerprint,
      customerId,
      key: customerId ?? keyOfTenant(tenant, id),
      ask: 1,
      receivedAt: desk.unit.now.toISOString(),
      request: ask.request,
    }
    desk.drafts.set(ask.actKey, { stored, dirty: true })
    emitRequested(desk.unit, { stored, because: 'received', traceparent: ask.traceparent })
    if (ask.request.outcome === 'succeeded' && ask.request.action !== 'delete') emitMoved(desk.unit, { stored, moved: 'started', ask })
    if (ask.request.outcome === 'failed') emitMoved(desk.unit, { stored, moved: 'failed', ask })
    return { kind: 'accepted', requestId: id, ask: stored.ask, isNew: true }
  }

  private step(desk: Desk, { draft, ask }: { draft: Draft; ask: Ask }): void {
    const { request, moved, changed } = mergeStep(draft.stored.request, ask.request)
    // The first record of an act may name no tenant.
    const customerId = draft.stored.customerId ?? (request.tenantRef && desk.customers.get(tenantKey(request.tenantRef)))
    const key = customerId ?? draft.stored.key
    draft.stored = { ...draft.stored, customerId, key, request, ask: draft.stored.ask + (changed ? 1 : 0) }
    draft.dirty = true
    if (changed) emitRequested(desk.unit, { stored: draft.stored, because: 'step', traceparent: ask.traceparent })
    if (moved !== 'none') emitMoved(desk.unit, { stored: draft.stored, moved, ask })
  }

  /** The last resource that is given back ends the request that created it. */
  private async followResources(unit: UnitOfWork, taken: { asks: readonly Ask[]; accepted: readonly Accepted[] }): Promise<void> {
    const created: { resourceId: string; requestId: string }[] = []
    const given = new Map<string, Ask>()
    for (const [index, ask] of taken.asks.entries()) {
      const accepted = taken.accepted[index]
      if (accepted?.kind !== 'accepted') continue
      for (const resourceId of ask.resourceIds) {
        if (ask.request.action === 'delete') given.set(resourceId, ask)
        else created.push({ resourceId, requestId: accepted.requestId })
      }
    }
    if (created.length > 0) await this.stores.requests.linkResources(unit.tx, created)
    if (given.size === 0) return
    for (const { stored, resourceId } of await this.stores.requests.giveBack(unit.tx, [...given.keys()])) {
      const ask = given.get(resourceId)
      if (ask) emitMoved(unit, { stored, moved: 'released', ask })
    }
  }
}

/** Nobody knows whose tenant this is; requests without any tenant stand by themselves. */
export const keyOfTenant = (tenant: TenantRef | undefined, requestId: string): string =>
  tenant ? `tenant:${tenant.system}:${tenant.id}`.slice(0, 400) : `tenant:none:${requestId}`

interface Requested {
  readonly stored: StoredRequest
  readonly because: 'received' | 'step' | 'tenant-known'
  readonly traceparent?: string | undefined
}

export function emitRequested(unit: UnitOfWork, { stored, because, traceparent }: Requested): void {
  unit.emit<'weir.provisioning.requested.v1'>({
    type: 'weir.provisioning.requested.v1',
    subject: stored.id,
    key: stored.key,
    cause: { id: `${stored.id}/${stored.ask}`, traceparent },
    data: {
      requestId: stored.id,
      ask: stored.ask,
      because,
      receivedAt: stored.receivedAt,
      ...(stored.customerId === undefined ? {} : { customerId: stored.customerId }),
      request: stored.request,
    },
  })
}

const movedEvents = {
  started: 'weir.provisioning.started.v1',
  failed: 'weir.provisioning.failed.v1',
  released: 'weir.provisioning.released.v1',
} as const satisfies Record<string, EventType>

function emitMoved(unit: UnitOfWork, { stored, moved, ask }: { stored: StoredRequest; moved: keyof typeof movedEvents; ask: Ask }): void {
  const { sourceEventId, occurredAt, grantedCount } = ask.request
  unit.emit({
    type: movedEvents[moved],
    subject: stored.id,
    key: stored.key,
    cause: { id: `${stored.id}/${moved}`, traceparent: ask.traceparent },
    data: {
      requestId: stored.id,
      ...(sourceEventId === undefined ? {} : { sourceEventId }),
      ...(occurredAt === undefined ? {} : { occurredAt }),
      ...(grantedCount === undefined ? {} : { grantedCount }),
    },
  })
}
