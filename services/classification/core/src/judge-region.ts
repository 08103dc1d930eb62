import { operatorAffiliation, regionOf } from '@weir/catalog'
import type { Catalog } from '@weir/catalog'
import type { WorkloadFacts } from './facts.js'
import type { RegionVerdict } from './verdict.js'

/**
 * Where the machines are and who runs them. A statement fills what the table lacks; where both speak and differ, the
 * answer is unknown: one of them is wrong and nobody here can tell which.
 */
export function judgeRegion(facts: WorkloadFacts, catalog: Catalog): RegionVerdict {
  const stated = facts.region
  if (!stated) return { stateAffiliated: 'unknown' }
  const row = regionOf(catalog, { provider: facts.provider, raw: stated.raw })
  const country = agreed(row?.country, stated.country)
  const operator = row?.operator ?? stated.operator
  return {
    raw: stated.raw,
    ...(country === undefined ? {} : { country }),
    ...(operator === undefined ? {} : { operator }),
    ...(row?.relation === undefined ? {} : { relation: row.relation }),
    stateAffiliated: affiliation(catalog, row, stated.operator),
  }
}

const agreed = (listed: string | undefined, stated: string | undefined): string | undefined =>
  listed === undefined || stated === undefined || listed === stated ? (listed ?? stated) : undefined

type Affiliation = RegionVerdict['stateAffiliated']

function affiliation(catalog: Catalog, row: ReturnType<typeof regionOf>, stated: string | undefined): Affiliation {
  const listed: Affiliation = row?.stateAffiliated ?? 'unknown'
  if (stated === undefined || stated.trim().toLowerCase() === row?.operator?.toLowerCase()) return listed
  const other = operatorAffiliation(catalog, stated)
  if (listed === 'yes' || other === 'yes') return 'yes'
  return row?.operator === undefined ? other : listed === other ? listed : 'unknown'
}
