import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogFromRows, parseCsv, type Catalog } from '@weir/catalog'

/** The reference tables of a folder; throws where one is missing or does not fit the others. */
export function readCatalog(folder: string): Catalog {
  const rows = (file: string) => parseCsv(readFileSync(join(folder, file), 'utf8'))
  return catalogFromRows({
    accelerators: rows('accelerators.csv'),
    instances: rows('instances.csv'),
    skuFamilies: rows('sku-families.csv'),
    regions: rows('regions.csv'),
  })
}
