import { Fault } from '@weir/kernel'
import type { Catalog, SiteMapping } from './catalog.js'
import { nameKey, skuName } from './sku-name.js'

/**
 * The same catalog with the site's rows in place of any it had. They only fill gaps: `resolveSku` asks them where the
 * tables answer unknown. Throws a Fault `catalog-inconsistent` where a row names a part that is not listed.
 */
export function withSiteMappings(catalog: Catalog, rows: readonly SiteMapping[]): Catalog {
  for (const row of rows) {
    for (const part of row.accelerators === 'none' ? [] : row.accelerators) {
      if (catalog.accelerators.has(part.model)) continue
      const message = `the site's row for ${row.provider} ${row.raw} names ${part.model}, which no accelerator row has`
      throw new Fault({ code: 'catalog-inconsistent', message })
    }
  }
  return { ...catalog, siteMappings: new Map(rows.map((row) => [nameKey(row.provider, skuName(row.provider, row.raw)), row])) }
}
