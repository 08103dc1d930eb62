import { Fault } from '@weir/kernel'
import type { Accelerator, Catalog, InstanceShape, Region, SkuFamily } from './catalog.js'
import type { Row } from './parse-csv.js'
import { nameKey, patternToRegExp } from './sku-name.js'

export interface CatalogRows {
  readonly accelerators: readonly Row[]
  readonly instances: readonly Row[]
  readonly skuFamilies: readonly Row[]
  readonly regions: readonly Row[]
}

/**
 * Indexes the tables. Throws a Fault `catalog-inconsistent` where a row names a part that is not listed, holds a number
 * that is none, or repeats a key: a table with such a row answers wrongly somewhere.
 */
export function catalogFromRows(rows: CatalogRows): Catalog {
  const accelerators = indexed(rows.accelerators.map(acceleratorFrom), (part) => part.id)
  const known = (model: string, where: string): void => {
    if (!accelerators.has(model)) throw inconsistent(`${where} names ${model}, which no accelerator row has`)
  }
  const shapes = rows.instances.map(shapeFrom)
  const families = rows.skuFamilies.map(familyFrom)
  for (const shape of shapes) if (shape.model !== undefined) known(shape.model, `${shape.provider} ${shape.name}`)
  for (const family of families) if (!ANSWERS.has(family.answer)) known(family.answer, `${family.provider} ${family.pattern}`)
  return {
    accelerators,
    providers: [...new Set([...shapes, ...families].map((row) => row.provider))].sort(),
    instances: new Map(shapes.flatMap((shape) => namesOf(shape.name).map((name) => [nameKey(shape.provider, name), shape] as const))),
    families: grouped(families),
    regions: indexed(rows.regions.map(regionFrom), (region) => nameKey(region.provider, region.code)),
    siteMappings: new Map(),
  }
}

const ANSWERS = new Set(['none', 'fpga', 'unknown'])
const inconsistent = (message: string) => new Fault({ code: 'catalog-inconsistent', message })

/** `a / b` holds two names of one shape; the TPU interface leaves out the word `tpu`. */
function namesOf(name: string): string[] {
  const names = name.includes(' / ') ? [name, ...name.split(' / ')] : [name]
  return names.flatMap((one) => (/^tpu v\d/.test(one) && !one.includes(' / ') ? [one, one.slice(4)] : [one]))
}

function acceleratorFrom(row: Row): Accelerator {
  const planar = row['nonplanar_node'] === 'no'
  const marketed = row['datacenter_marketed']
  return {
    id: required(row, 'id'),
    vendor: required(row, 'vendor'),
    name: required(row, 'name'),
    ...textual('formFactor', row['form_factor']),
    ...numeric('tpp', row['tpp']),
    ...(planar ? { applicableDieArea: 0 } : numeric('applicableDieArea', row['applicable_die_area_mm2'])),
    ...numeric('ioRate', row['aggregate_io_gbps_2022_test']),
    ioRateIsFloor: (row['host_link_bidir_gbps'] ?? '') === '' || (row['chip_interconnect_bidir_gbps'] ?? '') === '',
    dataCenterMarketed: marketed === 'yes' || marketed === 'no' ? marketed : 'unknown',
    ...numeric('memoryGb', row['memory_gb']),
    ...numeric('memoryBandwidth', row['memory_bandwidth_gbps']),
  }
}

const shapeFrom = (row: Row): InstanceShape => ({
  provider: required(row, 'provider').toLowerCase(),
  name: required(row, 'instance_type'),
  ...textual('model', row['accelerator_id']),
  ...numeric('count', row['accelerator_count']),
})

const familyFrom = (row: Row): SkuFamily => ({
  provider: required(row, 'provider').toLowerCase(),
  pattern: required(row, 'pattern'),
  matches: patternToRegExp(required(row, 'pattern')),
  answer: required(row, 'accelerators'),
  attachable: row['attachable'] === 'yes',
})

function regionFrom(row: Row): Region {
  const relation = row['relation']
  const state = row['state_affiliated']
  return {
    provider: required(row, 'provider').toLowerCase(),
    code: required(row, 'region_code'),
    displayName: row['display_name'] ?? '',
    ...textual('country', row['country']),
    scope: row['scope'] ?? '',
    ...textual('operator', row['operator_entity']),
    ...(relation === 'own' || relation === 'partner' ? { relation } : {}),
    stateAffiliated: state === 'yes' || state === 'no' ? state : 'unknown',
  }
}

function required(row: Row, name: string): string {
  const value = row[name]?.trim()
  if (!value) throw inconsistent(`a row lacks ${name}: ${JSON.stringify(row).slice(0, 200)}`)
  return value
}

function textual<Name extends string>(name: Name, value: string | undefined): { [K in Name]?: string } {
  const text = value?.trim()
  return (text ? { [name]: text } : {}) as { [K in Name]?: string }
}

function numeric<Name extends string>(name: Name, value: string | undefined): { [K in Name]?: number } {
  const text = value?.trim()
  if (!text) return {}
  const number = Number(text)
  if (!Number.isFinite(number) || number < 0) throw inconsistent(`${name} is ${text}, not a number`)
  return { [name]: number } as { [K in Name]?: number }
}

function indexed<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T> {
  const index = new Map(items.map((item) => [keyOf(item), item]))
  if (index.size !== items.length) throw inconsistent('two rows have the same key')
  return index
}

function grouped(families: readonly SkuFamily[]): Map<string, SkuFamily[]> {
  const groups = new Map<string, SkuFamily[]>()
  for (const family of families) {
    const group = groups.get(family.provider)
    if (group) group.push(family)
    else groups.set(family.provider, [family])
  }
  return groups
}
