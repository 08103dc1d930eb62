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
    await this.stores.tenants.lock(
      unit.tx,
      customers.flatMap(({ tenants }) => [...tenants]),
      'learning',
    )
    for (const customer of customers) await this.stores.tenants.replace(unit.tx, customer)
    // What a customer was said to have last is what it has.
    const latest = [...new Map(customers.map((customer) => [customer.customerId, customer])).values()]
    const tenants = latest.flatMap((customer) => [...customer.tenants])
    const owners = await this.stores.tenants.customersOf(unit.tx, tenants)
    const open = await this.stores.requests.ofUnknownTenants(unit.tx, tenants)
    const asked = open.flatMap((stored) => {
      const customerId = stored.request.tenantRef && owners.get(tenantKey(stored.request.tenantRef))
      return customerId === undefined ? [] : [{ ...stored, customerId, key: customerId, ask: stored.ask + 1 }]
    })
    await this.stores.requests.save(unit.tx, asked)
    for (const stored of asked) emitRequested(unit, { stored, because: 'tenant-known' })
  }
}
