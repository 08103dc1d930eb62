import type { AcceleratorTotals, CanonicalRequest, CountRange, Sku } from './canonical-request.js'
import { isCount } from './read.js'

type Draft = { [Name in keyof CanonicalRequest]: CanonicalRequest[Name] | undefined }

/** A request without the fields that the record did not state. */
export function request(draft: Partial<Draft> & Pick<CanonicalRequest, 'source' | 'action' | 'enforcement' | 'skus'>): CanonicalRequest {
  const built: CanonicalRequest = { source: draft.source, action: draft.action, enforcement: draft.enforcement, skus: draft.skus }
  return Object.assign(built, stated(draft))
}

/** The value without its absent fields. */
export function stated<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T
}

/** `min … max` machines, where both are counts in order. */
export function range(min: number | undefined, max: number | undefined = min): CountRange | undefined {
  return isCount(min) && isCount(max) && min <= max ? { min, max } : undefined
}

/** Totals over the ask: one unknown part makes the whole unknown; a SKU without a statement is unknown. */
export function totalsOf(skus: readonly Sku[]): AcceleratorTotals {
  const sum = new Map<string, number>()
  for (const sku of skus) {
    if (sku.accelerators === undefined || sku.accelerators === 'unknown') return 'unknown'
    if (sku.accelerators === 'none') continue
    for (const { model, count } of sku.accelerators) sum.set(model, (sum.get(model) ?? 0) + count * sku.count)
  }
  if (sum.size > 64) return 'unknown'
  return sum.size === 0 ? 'none' : [...sum].map(([model, count]) => ({ model, count }))
}

const sameStatement = (a: Sku, b: Sku): boolean => JSON.stringify(a.accelerators) === JSON.stringify(b.accelerators)

/** One row per SKU and what is known of a piece; counts added. */
export function summed(skus: readonly Sku[]): Sku[] {
  const rows: Sku[] = []
  for (const sku of skus) {
    const row = rows.find((r) => r.raw === sku.raw && sameStatement(r, sku))
    if (row) row.count += sku.count
    else rows.push({ ...sku })
  }
  return rows
}
