import { withSiteMappings, type SiteMapping } from '@weir/catalog'
import type { Tables } from '@weir/classification-core'
import type { Transaction } from '@weir/persistence'
import type { SiteMappingStore } from './ports.js'

/** The tables as they stand, with the digest that a verdict pins. */
export interface PinnedTables {
  readonly tables: Tables
  readonly digest: string
}

/** The tables of `policy/`, and the digest over them and the site's rows. */
export interface PolicyTables {
  readonly tables: Tables
  digestWith(mappings: readonly SiteMapping[]): string
}

export function pinned(policy: PolicyTables, mappings: readonly SiteMapping[]): PinnedTables {
  const catalog = withSiteMappings(policy.tables.catalog, mappings)
  return { tables: { ...policy.tables, catalog }, digest: policy.digestWith(mappings) }
}

/** Policy tables together with the site's rows, indexed again only when a row was added. */
export class CurrentTables {
  readonly #policy: PolicyTables
  readonly #mappings: SiteMappingStore
  #cached: { readonly version: string; readonly pinned: PinnedTables } | undefined

  constructor(policy: PolicyTables, mappings: SiteMappingStore) {
    this.#policy = policy
    this.#mappings = mappings
  }

  /**
   * Holds the version until the transaction ends: an ask saved in it as unknown is seen by every later mapping.
   * Danger: not for a transaction that moves the version; what it reads may be rolled back and must not be cached.
   */
  async at(tx: Transaction): Promise<PinnedTables> {
    const version = await this.#mappings.lockVersion(tx)
    if (this.#cached?.version !== version) {
      this.#cached = { version, pinned: pinned(this.#policy, await this.#mappings.all(tx)) }
    }
    return this.#cached.pinned
  }
}
