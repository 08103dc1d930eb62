import { type IndexedEntry } from '@weir/identity-core'
import type { Transaction } from '@weir/persistence'
import {
  tenantKey,
  type ActiveList,
  type AskScope,
  type AskStore,
  type AssessedAsk,
  type Customer,
  type CustomerChanges,
  type CustomerStore,
  type ListStore,
  type ListVersion,
  type PublishedEntry,
  type StoredAsk,
  type Tenant,
} from '../../../services/identity/app/src/use-cases/ports.js'
import { simulated, Table, type SimTransaction } from '../engine/sim-transaction.js'

type Keyed = Customer & { readonly screeningKeys: readonly string[] }

export class IdentityTables {
  readonly state = new Table<ActiveList>()
  readonly lists = new Table<readonly PublishedEntry[]>()
  readonly customers = new Table<Keyed>()
  readonly asks = new Table<AssessedAsk>()
}

export class SimListStore implements ListStore {
  constructor(private readonly tables: IdentityTables) {}

  async active(tx: Transaction): Promise<ActiveList | undefined> {
    const sim = simulated(tx)
    await sim.step()
    return this.tables.state.get(sim, 'active')
  }

  async holdActive(tx: Transaction, mode: 'share' | 'replace'): Promise<ActiveList | undefined> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('active list', mode === 'share' ? 'share' : 'exclusive')
    return this.tables.state.get(sim, 'active')
  }

  async entriesByName(
    tx: Transaction,
    wanted: { readonly listId: string; readonly names: readonly string[] },
  ): Promise<ReadonlyMap<string, readonly IndexedEntry[]>> {
    const sim = simulated(tx)
    await sim.step()
    const entries = this.tables.lists.get(sim, wanted.listId) ?? []
    return new Map(
      wanted.names.map((name) => [
        name,
        entries
          .filter((entry) => entry.keys.includes(name))
          .map((entry) => ({ list: entry.list, entryId: entry.entryId, entryName: entry.name })),
      ]),
    )
  }

  async save(tx: Transaction, list: { readonly version: ListVersion; readonly entries: readonly PublishedEntry[] }): Promise<string> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock(`list ${list.version.digest}`)
    this.tables.lists.set(sim, list.version.digest, list.entries)
    return list.version.digest
  }

  async activate(tx: Transaction, listId: string): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('active list')
    this.tables.state.set(sim, 'active', { listId, digest: listId })
  }

  async customersTouched(tx: Transaction, lists: { readonly before: string; readonly after: string }): Promise<string[]> {
    const sim = simulated(tx)
    await sim.step()
    const namesOf = (listId: string): ReadonlySet<string> =>
      new Set((this.tables.lists.get(sim, listId) ?? []).flatMap((entry) => entry.keys.map((key) => `${entry.entryId}\n${key}`)))
    const [before, after] = [namesOf(lists.before), namesOf(lists.after)]
    const changed = new Set(
      [...[...before].filter((name) => !after.has(name)), ...[...after].filter((name) => !before.has(name))].map((name) =>
        name.slice(name.indexOf('\n') + 1),
      ),
    )
    return this.tables.customers
      .values(sim)
      .filter((customer) => customer.screeningKeys.some((key) => changed.has(key)))
      .map((customer) => customer.customerId)
  }
}

export class SimCustomerStore implements CustomerStore {
  constructor(private readonly tables: IdentityTables) {}

  async holdDeclarations(tx: Transaction): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('declarations')
  }

  async loadForUpdate(tx: Transaction, customerIds: readonly string[]): Promise<ReadonlyMap<string, Customer>> {
    const sim = simulated(tx)
    await sim.step()
    return this.#load(sim, customerIds, 'exclusive')
  }

  async ofTenants(tx: Transaction, tenants: readonly Tenant[]): Promise<ReadonlyMap<string, Customer>> {
    const sim = simulated(tx)
    await sim.step()
    const wanted = new Set(tenants.map(tenantKey))
    const holders = this.tables.customers
      .values(sim)
      .flatMap((customer) => (customer.tenants.some((tenant) => wanted.has(tenantKey(tenant))) ? [customer.customerId] : []))
    const customers = await this.#load(sim, holders, 'share')
    return new Map(
      [...customers.values()].flatMap((customer) =>
        customer.tenants.filter((tenant) => wanted.has(tenantKey(tenant))).map((tenant) => [tenantKey(tenant), customer] as const),
      ),
    )
  }

  async save(tx: Transaction, changes: CustomerChanges): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const customer of changes.customers) this.tables.customers.set(sim, customer.customerId, customer)
  }

  async #load(sim: SimTransaction, customerIds: readonly string[], mode: 'share' | 'exclusive'): Promise<Map<string, Customer>> {
    const sorted = customerIds.toSorted()
    await sim.lockAll(
      sorted.filter((id) => this.tables.customers.get(sim, id) !== undefined).map((id) => `customer ${id}`),
      mode,
    )
    return new Map(
      sorted.flatMap((id) => {
        const customer = this.tables.customers.get(sim, id)
        return customer === undefined ? [] : [[id, customer] as const]
      }),
    )
  }
}

export class SimIdentityAskStore implements AskStore {
  constructor(private readonly tables: IdentityTables) {}

  async save(tx: Transaction, { assessed }: { readonly assessed: readonly AssessedAsk[] }): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const ask of assessed) {
      await sim.lock(`ask ${ask.requestId}`)
      if ((this.tables.asks.get(sim, ask.requestId)?.ask ?? 0) <= ask.ask) this.tables.asks.set(sim, ask.requestId, ask)
    }
  }

  async page(tx: Transaction, page: AskScope & { readonly after: string | undefined; readonly limit: number }): Promise<StoredAsk[]> {
    const sim = simulated(tx)
    await sim.step()
    const { customers, after = '', limit } = page
    const tenants = new Set(page.tenants.map(tenantKey))
    return this.tables.asks
      .values(sim)
      .filter(({ customerId, tenant }) => {
        if (customers === 'all' || (customerId !== undefined && customers.includes(customerId))) return true
        return tenant !== undefined && tenants.has(tenantKey(tenant))
      })
      .filter(({ requestId }) => requestId > after)
      .sort((a, b) => (a.requestId < b.requestId ? -1 : 1))
      .slice(0, limit)
  }
}
