import { resolveSku, skuName, UNSPECIFIED_PROVIDER, type Catalog } from '@weir/catalog'
import { classify } from '@weir/classification-core'
import type { PinnedTables } from './current-tables.js'
import type { Ask, ClassifiedAsk, SkuRef } from './ports.js'

/** @param bare the tables without the site's rows: a name that they leave open is a gap, mapped or not */
export function classifyAsk(ask: Ask, current: PinnedTables, bare: Catalog): ClassifiedAsk {
  const verdict = classify(ask.facts, current.tables)
  const unknown = new Set(verdict.unknownSkus)
  const gaps = new Map<string, ClassifiedAsk['gaps'][number]>()
  for (const { raw } of ask.facts.skus) {
    if (resolveSku(bare, { provider: ask.facts.provider, raw }).kind !== 'unknown') continue
    const sku = skuRef(ask.facts.provider, raw)
    const id = `${sku.provider} ${sku.name}`
    gaps.set(id, { ...sku, open: unknown.has(raw) || gaps.get(id)?.open === true })
  }
  return { ask, verdict, catalogDigest: current.digest, gaps: [...gaps.values()] }
}

export function skuRef(provider: string | undefined, raw: string): SkuRef {
  const known = provider?.trim().toLowerCase() || UNSPECIFIED_PROVIDER
  return { provider: known, name: skuName(known, raw) }
}
