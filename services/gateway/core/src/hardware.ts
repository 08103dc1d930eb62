import { highestOfFamily, resolveSku, siteMapping, type Catalog } from '@weir/catalog'
import type { AcceleratorTotals, Sku } from './canonical-request.js'

/** What one machine of a provider's type carries. */
export function ofMachineType(catalog: Catalog, provider: string, raw: string): AcceleratorTotals {
  const resolved = resolveSku(catalog, { provider, raw })
  switch (resolved.kind) {
    case 'accelerators':
      return resolved.accelerators.map(({ model, count }) => ({ model, count }))
    case 'none':
      return 'none'
    case 'unknown':
      return 'unknown'
  }
}

/** What the site itself says about a name that an operator chose. */
export function ofSite(catalog: Catalog, raw: string): AcceleratorTotals | undefined {
  const mapped = siteMapping(catalog, { raw })
  if (mapped === undefined) return undefined
  return mapped.accelerators === 'none' || mapped.accelerators.length === 0
    ? 'none'
    : mapped.accelerators.map(({ model, count }) => ({ model, count }))
}

/**
 * One device under a name that an operator or a label chose. Any row of the named family passes: the one with the highest
 * TPP is taken, so that the ask is never judged too small.
 */
export function ofDevice(catalog: Catalog, name: string): AcceleratorTotals {
  const model = highestOfFamily(catalog, name)
  return ofSite(catalog, name) ?? (model === undefined ? 'unknown' : [{ model, count: 1 }])
}

export const machineSku = (catalog: Catalog, machine: { provider: string; raw: string; count: number }): Sku => ({
  raw: machine.raw,
  count: machine.count,
  accelerators: ofMachineType(catalog, machine.provider, machine.raw),
})
