import { listedOwnershipPercent } from '../src/listed-ownership.js'
import { buildOwnershipGraph, type CustomerDeclaration, type DeclaredParty, type OwnershipGraph } from '../src/ownership-graph.js'

/** Owned party -> owner -> percent. */
export type Holdings = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface Structure {
  readonly customer: string
  readonly holdings: Holdings
  readonly persons?: readonly string[]
  /** what nobody holds is held by a natural person each */
  readonly fill?: boolean
  readonly listed?: readonly string[]
}

export function graphOf(declaration: CustomerDeclaration): OwnershipGraph {
  const graph = buildOwnershipGraph(declaration)
  if (!graph.ok) throw new Error(JSON.stringify(graph.refusal))
  return graph.value
}

export function structured(structure: Structure): CustomerDeclaration {
  const listed = structure.listed ?? []
  const ownersOf = (partyId: string, passed: readonly string[]): DeclaredParty[] | undefined => {
    const holdings = structure.holdings[partyId]
    if (holdings === undefined || passed.includes(partyId)) return undefined
    const named = Object.entries(holdings).map(([owner, sharePercent]): DeclaredParty => {
      const person = (structure.persons ?? []).includes(owner) || listed.includes(owner)
      const owners = person ? undefined : ownersOf(owner, [...passed, partyId])
      return { partyId: owner, name: owner, kind: person ? 'person' : 'company', sharePercent, owners }
    })
    const rest = 100 - Object.values(holdings).reduce((sum, share) => sum + share, 0)
    const filled = { partyId: `rest-of-${partyId}`, name: `rest of ${partyId}`, kind: 'person' as const, sharePercent: rest }
    return structure.fill === true && rest > 0 ? [...named, filled] : named
  }
  return { customerId: structure.customer, name: structure.customer, owners: ownersOf(structure.customer, []) }
}

export const percentOf = (structure: Structure): number | undefined =>
  listedOwnershipPercent(graphOf(structured(structure)), new Set(structure.listed ?? []))
