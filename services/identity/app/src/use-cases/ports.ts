import type { Transaction } from '@weir/persistence'
import type { Assessment, CustomerDeclaration, ListEntry, ScreeningIndex } from '@weir/identity-core'

export interface Tenant {
  readonly system: string
  readonly id: string
}

export const tenantKey = (tenant: Tenant): string => JSON.stringify([tenant.system, tenant.id])

export interface ActiveList {
  readonly listId: string
  readonly digest: string
}

export interface ListVersion {
  readonly digest: string
  readonly title: string
  readonly entries: number
  readonly activatedAt: Date
  readonly activatedBy: string
}

export interface PublishedEntry extends ListEntry {
  readonly cells: readonly string[]
}

export interface ListStore {
  /** May be replaced at any moment. */
  active(tx: Transaction): Promise<ActiveList | undefined>
  /** Holds the list in force until the transaction ends: `share` keeps it from being replaced, `replace` keeps others from reading it. */
  holdActive(tx: Transaction, mode: 'share' | 'replace'): Promise<ActiveList | undefined>
  entriesByName(tx: Transaction, wanted: { readonly listId: string; readonly names: readonly string[] }): Promise<ScreeningIndex>
  /** The same digest is stored once; its title and activation are renewed. */
  save(tx: Transaction, list: { readonly version: ListVersion; readonly entries: readonly PublishedEntry[] }): Promise<string>
  activate(tx: Transaction, listId: string): Promise<void>
  /** Customers with a party whose entries differ between two lists. */
  customersTouched(tx: Transaction, lists: { readonly before: string; readonly after: string }): Promise<string[]>
}

export interface Customer {
  readonly customerId: string
  readonly declaration: CustomerDeclaration
  readonly ownershipDigest: string
  readonly revision: number
  readonly tenants: readonly Tenant[]
}

export interface CustomerStore {
  /** Lets one declaration run at a time: whether a tenant is free must not change under it. */
  holdDeclarations(tx: Transaction): Promise<void>
  loadForUpdate(tx: Transaction, customerIds: readonly string[]): Promise<ReadonlyMap<string, Customer>>
  /** Whose tenants these are; the customers stay as they are until the transaction ends. By `tenantKey`. */
  ofTenants(tx: Transaction, tenants: readonly Tenant[]): Promise<ReadonlyMap<string, Customer>>
  save(tx: Transaction, changes: CustomerChanges): Promise<void>
}

export interface CustomerChanges {
  readonly customers: readonly (Customer & { readonly screeningKeys: readonly string[] })[]
  readonly by: string
  readonly at: Date
}

export interface Ask {
  readonly requestId: string
  readonly ask: number
  readonly key: string
  readonly tenant: Tenant | undefined
}

export interface AssessedAsk extends Ask {
  readonly customerId: string | undefined
  readonly assessment: Assessment
  readonly contentDigest: string
}

export interface StoredAsk extends Ask {
  readonly contentDigest: string
}

export interface AskScope {
  /** `all`: also those of unknown tenants */
  readonly customers: 'all' | readonly string[]
  /** further asks, of tenants that changed hands */
  readonly tenants: readonly Tenant[]
}

export interface AskStore {
  save(tx: Transaction, asks: { readonly assessed: readonly AssessedAsk[]; readonly at: Date }): Promise<void>
  /** At most `limit` asks after this request id, ascending. */
  page(tx: Transaction, page: AskScope & { readonly after: string | undefined; readonly limit: number }): Promise<StoredAsk[]>
}

export interface Stores {
  readonly lists: ListStore
  readonly customers: CustomerStore
  readonly asks: AskStore
}
