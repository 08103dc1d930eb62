import type { TenantRef } from '@weir/contracts'
import type { Transaction } from '@weir/persistence'
import {
  tenantKey,
  type AnswerStore,
  type RequestStore,
  type Revision,
  type RevisionPart,
  type StoredRequest,
  type TenantStore,
} from '../../../services/gateway/app/src/use-cases/ports.js'
import { simulated, Table } from '../engine/sim-transaction.js'

interface ResourceRow {
  readonly resourceId: string
  readonly requestId: string
  readonly givenBack: boolean
}

export class GatewayTables {
  readonly requests = new Table<StoredRequest>()
  /** by act: the request that it became */
  readonly acts = new Table<string>()
  readonly resources = new Table<ResourceRow>()
  readonly tenants = new Table<string>()
  readonly revisions = new Table<Revision>()
}

export class SimGatewayRequestStore implements RequestStore {
  constructor(private readonly tables: GatewayTables) {}

  async lockActs(tx: Transaction, actKeys: readonly string[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lockAll(actKeys.map((actKey) => `act ${actKey}`))
  }

  async byActs(tx: Transaction, actKeys: readonly string[]): Promise<StoredRequest[]> {
    const sim = simulated(tx)
    await sim.step()
    const found = [...new Set(actKeys)].flatMap((actKey) => this.tables.acts.get(sim, actKey) ?? [])
    await sim.lockAll(found.map((id) => `request ${id}`))
    return found.flatMap((id) => this.tables.requests.get(sim, id) ?? [])
  }

  async save(tx: Transaction, requests: readonly StoredRequest[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const stored of requests) {
      await sim.lock(`request ${stored.id}`)
      this.tables.requests.set(sim, stored.id, stored)
      this.tables.acts.set(sim, stored.actKey, stored.id)
    }
  }

  async ofUnknownTenants(tx: Transaction, tenants: readonly TenantRef[]): Promise<StoredRequest[]> {
    const sim = simulated(tx)
    await sim.step()
    const wanted = new Set(tenants.map(tenantKey))
    const isOpen = ({ request, customerId }: StoredRequest) =>
      customerId === undefined && request.tenantRef !== undefined && wanted.has(tenantKey(request.tenantRef))
    const found = this.tables.requests.values(sim).filter(isOpen).sort(byArrival)
    await sim.lockAll(found.map(({ id }) => `request ${id}`))
    return found.flatMap(({ id }) => this.tables.requests.get(sim, id) ?? []).filter(isOpen)
  }

  async linkResources(tx: Transaction, links: readonly { resourceId: string; requestId: string }[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const { resourceId, requestId } of links) {
      const key = `${resourceId}\n${requestId}`
      if (this.tables.resources.get(sim, key) === undefined)
        this.tables.resources.set(sim, key, { resourceId, requestId, givenBack: false })
    }
  }

  async giveBack(
    tx: Transaction,
    resourceIds: readonly string[],
  ): Promise<{ readonly stored: StoredRequest; readonly resourceId: string }[]> {
    const sim = simulated(tx)
    await sim.step()
    const named = (): ResourceRow[] => this.tables.resources.values(sim).filter((row) => resourceIds.includes(row.resourceId))
    await sim.lockAll([...new Set(named().map((row) => `request ${row.requestId}`))].sort())
    const last = new Map<string, string>()
    for (const row of named().filter(({ givenBack }) => !givenBack)) {
      this.tables.resources.set(sim, `${row.resourceId}\n${row.requestId}`, { ...row, givenBack: true })
      last.set(row.requestId, row.resourceId)
    }
    const left = new Set(this.tables.resources.values(sim).flatMap((row) => (row.givenBack ? [] : [row.requestId])))
    return [...last]
      .filter(([requestId]) => !left.has(requestId))
      .flatMap(([requestId, resourceId]) => {
        const stored = this.tables.requests.get(sim, requestId)
        return stored === undefined ? [] : [{ stored, resourceId }]
      })
      .sort((a, b) => byArrival(a.stored, b.stored))
  }
}

const byArrival = (a: StoredRequest, b: StoredRequest): number =>
  a.receivedAt === b.receivedAt ? (a.id < b.id ? -1 : 1) : a.receivedAt < b.receivedAt ? -1 : 1

export class SimTenantStore implements TenantStore {
  constructor(private readonly tables: GatewayTables) {}

  async lock(tx: Transaction, tenants: readonly TenantRef[], how: 'asking' | 'learning'): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    const names = [...new Set(tenants.map(tenantKey))].sort().map((tenant) => `tenant ${tenant}`)
    await sim.lockAll(names, how === 'asking' ? 'share' : 'exclusive')
  }

  async customersOf(tx: Transaction, tenants: readonly TenantRef[]): Promise<ReadonlyMap<string, string>> {
    const sim = simulated(tx)
    await sim.step()
    return new Map(
      tenants.flatMap((tenant) => {
        const customerId = this.tables.tenants.get(sim, tenantKey(tenant))
        return customerId === undefined ? [] : [[tenantKey(tenant), customerId] as const]
      }),
    )
  }

  async replace(tx: Transaction, owned: { readonly customerId: string; readonly tenants: readonly TenantRef[] }): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock(`tenants of ${owned.customerId}`)
    for (const [tenant, customerId] of this.tables.tenants.committed) {
      if (customerId === owned.customerId) this.tables.tenants.set(sim, tenant, undefined)
    }
    for (const tenant of owned.tenants) this.tables.tenants.set(sim, tenantKey(tenant), owned.customerId)
  }
}

export class SimAnswerStore implements AnswerStore {
  constructor(private readonly tables: GatewayTables) {}

  async merge(tx: Transaction, parts: readonly RevisionPart[]): Promise<Revision[]> {
    const sim = simulated(tx)
    await sim.step()
    const merged: Revision[] = []
    for (const part of parts) {
      const name = nameOf(part)
      await sim.lock(`revision ${name}`)
      const before = this.tables.revisions.get(sim, name)
      const after = before === undefined ? { ...part, answered: false } : before.answered ? before : { ...before, ...part }
      this.tables.revisions.set(sim, name, after)
      merged.push(after)
    }
    return merged
  }

  async markAnswered(tx: Transaction, revisions: readonly Revision[]): Promise<readonly (number | undefined)[]> {
    const sim = simulated(tx)
    await sim.step()
    for (const revision of revisions) this.tables.revisions.set(sim, nameOf(revision), { ...revision, answered: true })
    return revisions.map(() => undefined)
  }
}

const nameOf = ({ requestId, revision }: Pick<Revision, 'requestId' | 'revision'>): string => `${requestId}/${revision}`
