import type { ListHit } from './screen.js'
import type { WalkedOwnership } from './walk-ownership.js'

export interface RedFlag {
  readonly code: string
  readonly sentence: string
}

export interface FlaggedFacts {
  readonly listActive: boolean
  readonly tenantStated: boolean
  /** undefined: nobody knows whose tenant asks */
  readonly known?: KnownFacts
}

interface KnownFacts {
  readonly customer: { readonly registeredIn?: string | undefined; readonly headquarters?: string | undefined }
  readonly walked: WalkedOwnership
  readonly hits: readonly ListHit[]
  readonly hitsLeftOut: number
  readonly listedOwnershipPercent: number | undefined
}

/** In a fixed order, each code at most once. */
export function redFlagsOf(facts: FlaggedFacts): RedFlag[] {
  return [
    ...flagIf(!facts.listActive, 'no-screening-list', 'No screening list was ever put into force, so nobody was screened.'),
    ...flagIf(!facts.tenantStated, 'tenant-not-stated', 'The request does not say which tenant asks.'),
    ...(facts.known === undefined ? [] : [...headquartersFlags(facts.known), ...ownershipFlags(facts.known)]),
  ]
}

function headquartersFlags({ customer, walked }: KnownFacts): RedFlag[] {
  const parent = walked.ultimateParent
  const { registeredIn } = customer
  return [
    ...flagIf(customer.headquarters === undefined, 'headquarters-unknown', 'It is not known where the customer is headquartered.'),
    ...flagIf(
      parent !== undefined && parent.headquarters === undefined,
      'parent-headquarters-unknown',
      'It is not known where the ultimate parent is headquartered.',
    ),
    ...flagIf(
      registeredIn !== undefined && parent?.headquarters !== undefined && parent.headquarters !== registeredIn,
      'registered-away-from-parent',
      `The customer is registered in ${registeredIn}; its ultimate parent is headquartered in ${parent?.headquarters}.`,
    ),
  ]
}

function ownershipFlags({ walked, hits, hitsLeftOut, listedOwnershipPercent }: KnownFacts): RedFlag[] {
  const listedOwner = hits.some((hit) => hit.relation === 'owner')
  return [
    ...flagIf(!walked.ownershipComplete, 'ownership-incomplete', 'The declared owners leave open who the ultimate parent is.'),
    ...flagIf(
      walked.contradictory,
      'ownership-contradictory',
      'A party declares that nobody is above it; its declared owners say otherwise.',
    ),
    ...flagIf(walked.circular, 'ownership-circular', 'Declared owners own each other in a circle.'),
    ...flagIf(
      listedOwner && (listedOwnershipPercent ?? 0) < 50,
      'listed-owner-below-half',
      'A listed party is among the owners; under the 50 percent rule it is not known to hold half or more.',
    ),
    ...flagIf(hitsLeftOut > 0, 'hits-left-out', `${hitsLeftOut} further hits are not shown.`),
  ]
}

const flagIf = (condition: boolean, code: string, sentence: string): RedFlag[] => (condition ? [{ code, sentence }] : [])
