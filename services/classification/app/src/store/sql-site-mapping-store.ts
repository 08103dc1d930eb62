import type { SiteMapping } from '@weir/catalog'
import type { Transaction } from '@weir/persistence'
import type { SiteMappingStore } from '../use-cases/ports.js'

export class SqlSiteMappingStore implements SiteMappingStore {
  async lockVersion(tx: Transaction): Promise<string> {
    const [state] = await tx.query<{ version: string }>('select version from catalog_state for share')
    if (!state) throw new Error('catalog_state has no row')
    return state.version
  }

  async advanceVersion(tx: Transaction): Promise<void> {
    await tx.query('update catalog_state set version = version + 1')
  }

  async all(tx: Transaction): Promise<readonly SiteMapping[]> {
    return await tx.query<SiteMapping>('select provider, name as raw, accelerators from site_mapping order by provider, name')
  }

  async put(tx: Transaction, mapping: SiteMapping, by: { readonly actor: string; readonly at: Date }): Promise<void> {
    await tx.query(
      `insert into site_mapping (provider, name, accelerators, actor, mapped_at) values ($1, $2, $3::jsonb, $4, $5)
       on conflict (provider, name) do update set
         accelerators = excluded.accelerators, actor = excluded.actor, mapped_at = excluded.mapped_at`,
      [mapping.provider, mapping.raw, JSON.stringify(mapping.accelerators), by.actor, by.at],
    )
  }
}
