import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { catalogFromRows, parseCsv, type CatalogRows, type SiteMapping } from '@weir/catalog'
import { canonicalJson } from '@weir/kernel'
import type { PolicyTables } from '../use-cases/current-tables.js'
import { itemControls, trainingModel } from './policy-schema.js'

/**
 * Reads the tables once, at start. Throws on a table that is malformed or at odds with another one: a service that
 * classifies with half a table must not start.
 */
export function readPolicyTables(directory: URL): PolicyTables {
  const read = (name: string) => readFileSync(new URL(name, directory), 'utf8')
  const rows: CatalogRows = {
    accelerators: parseCsv(read('accelerators.csv')),
    instances: parseCsv(read('instances.csv')),
    skuFamilies: parseCsv(read('sku-families.csv')),
    regions: parseCsv(read('regions.csv')),
  }
  const controls = itemControls.parse(JSON.parse(read('item-controls.json')))
  const training = trainingModel.parse(JSON.parse(read('training-likelihood.json')))
  return {
    tables: { catalog: catalogFromRows(rows), controls, training },
    digestWith: (mappings) => sha256(canonicalJson({ ...rows, controls, training, siteMappings: sorted(mappings) })),
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** By name, so that the order in which rows were added does not show in the digest. */
function sorted(mappings: readonly SiteMapping[]): SiteMapping[] {
  const nameOf = (mapping: SiteMapping) => `${mapping.provider} ${mapping.raw}`
  return mappings.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}
