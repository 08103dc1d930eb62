import { readFileSync } from 'node:fs'
import { catalogFromRows, parseCsv, type CatalogRows, type Row } from '@weir/catalog'
import type { ItemControls, Tables, TrainingModel, WorkloadFacts } from '../src/index.js'

const read = (name: string) => readFileSync(new URL(`../../../../policy/${name}`, import.meta.url), 'utf8')
const table = (name: string): Row[] => parseCsv(read(`${name}.csv`))

/** The committed policy tables, as the specs of the core see them. */
export const rows = {
  accelerators: table('accelerators'),
  instances: table('instances'),
  skuFamilies: table('sku-families'),
  regions: table('regions'),
} satisfies CatalogRows

export const tables: Tables = {
  catalog: catalogFromRows(rows),
  controls: JSON.parse(read('item-controls.json')) as ItemControls,
  training: JSON.parse(read('training-likelihood.json')) as TrainingModel,
}

export const TODAY = '2026-11-23T12:00:00Z'

export function factsOf(more: Partial<WorkloadFacts>): WorkloadFacts {
  return { at: TODAY, skus: [], ...more }
}
