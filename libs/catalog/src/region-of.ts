import type { Catalog, Region } from './catalog.js'
import { nameKey } from './sku-name.js'

/**
 * How a provider writes a zone of a region. A name that fits neither a row nor its provider's rule stays unknown: an AWS
 * Local Zone carries its parent's code and may lie in another country.
 */
const ZONE_SUFFIX: Readonly<Record<string, RegExp>> = {
  aws: /(?<=\d)[a-z]$/,
  gcp: /-[a-z]$/,
  alicloud: /-[a-z]$|(?<=\d)[a-z]$/,
  tencentcloud: /-\d+$/,
  huaweicloud: /(?<=\d)[a-z]$/,
  otc: /-\d{2}$/,
}

/** The row of a region or of the region that a zone belongs to. */
export function regionOf(catalog: Catalog, query: { readonly provider?: string | undefined; readonly raw: string }): Region | undefined {
  const provider = query.provider?.trim().toLowerCase()
  if (!provider) return undefined
  const written = query.raw.trim().toLowerCase()
  const name = written.slice(written.lastIndexOf('/') + 1)
  const exact = catalog.regions.get(nameKey(provider, name))
  if (exact) return exact
  // Azure shows `East US` where its interface says `eastus`
  if (provider === 'azure') return catalog.regions.get(nameKey(provider, name.replace(/[\s()_-]/g, '')))
  const suffix = ZONE_SUFFIX[provider]
  return suffix ? catalog.regions.get(nameKey(provider, name.replace(suffix, ''))) : undefined
}

/** What the rows say about an operator, wherever it runs a region; unknown where they are silent or disagree. */
export function operatorAffiliation(catalog: Catalog, operator: string): 'yes' | 'no' | 'unknown' {
  const name = operator.trim().toLowerCase()
  const answers = new Set(
    [...catalog.regions.values()].filter((row) => row.operator?.toLowerCase() === name).map((row) => row.stateAffiliated),
  )
  if (answers.has('yes')) return 'yes'
  return answers.size === 1 && answers.has('no') ? 'no' : 'unknown'
}
