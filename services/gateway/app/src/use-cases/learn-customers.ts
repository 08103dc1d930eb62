import type { TenantRef } from '@weir/contracts'
import type { UnitOfWork } from '@weir/messaging'
import { emitRequested } from './accept-requests.js'
import { tenantKey, type RequestStore, type TenantStore } from './ports.js'

export interface CustomerTenants {
  readonly customerId: string
  readonly tenants: readonly TenantRef[]
}

/** Keeps the copy of whose tenant is whose, and asks again what a tenant asked before anybody knew it. */
export class LearnCustomers {
  constructor(private readonly stores: { readonly requests: RequestStore; readonly tenants: TenantStore }) {}

  async learn(unit: UnitOfWork, customers: readonly CustomerTenants[]): Promise<void> {
    for (const customer of customers) await this.stores.tenants.replace(unit.tx, customer)
    const owners = new Map(
      customers.flatMap(({ customerId, tenants }) => tenants.map((tenant) => [tenantKey(tenant), customerId] as const)),
    )
    const open = await this.stores.requests.ofUnknownTenants(
      unit.tx,
      customers.flatMap(({ tenants }) => [...tenants]),
    )
    const asked = open.flatMap((stored) => {
      const customerId = stored.request.tenantRef && owners.get(tenantKey(stored.request.tenantRef))
      return customerId === undefined ? [] : [{ ...stored, customerId, key: customerId, ask: stored.ask + 1 }]
    })
    await this.stores.requests.save(unit.tx, asked)
    for (const stored of asked) emitRequested(unit, { stored, because: 'tenant-known' })
  }
}
