import { stakesIn, sumOfShares, undeclaredShare, type OwnershipGraph, type Party } from './ownership-graph.js'

export interface Control {
  /** the company at the top of the majority chain, the customer itself if none is above it; undefined: not determined */
  readonly ultimateParentId: string | undefined
  /** nobody undeclared, and nobody through undeclared stakes, could be above that company */
  readonly complete: boolean
  /** a party declares that nobody is above it, and declared stakes say otherwise */
  readonly contradictory: boolean
}

/**
 * Who controls whom: a company controls each party of which it and the companies it controls together hold more than half.
 * Undeclared shares count for whoever might hold them, so that taking a declared owner away never makes control known.
 */
export function determineControl(graph: OwnershipGraph): Control {
  const companies = [...graph.parties.values()].filter((party) => party.kind === 'company')
  const surely = new Map(companies.map((company) => [company.partyId, controlled(companies, { graph, seed: company.partyId })]))
  const controls = (one: string, other: string) => one !== other && (surely.get(one)?.has(other) ?? false)
  const contradictory = companies.some((party) => party.noneAbove && companies.some((above) => controls(above.partyId, party.partyId)))
  const top = topOf(graph, { companies, controls })
  if (top === undefined || contradictory) return { ultimateParentId: undefined, complete: false, contradictory }
  const possibly = (seed: string | undefined) => widen(companies, { graph, members: new Set(seed === undefined ? [] : surely.get(seed)) })
  const nodes = [graph.customerId, top]
  const hidden = possibly(undefined)
  const open =
    nodes.some((node) => hidden.has(node)) ||
    companies.some(({ partyId }) => {
      const reach = possibly(partyId)
      return nodes.some((node) => node !== partyId && reach.has(node) && !controls(partyId, node))
    })
  return { ultimateParentId: open ? undefined : top, complete: !open, contradictory }
}

interface Relations {
  readonly companies: readonly Party[]
  controls(one: string, other: string): boolean
}

/** undefined: companies above the customer control each other in a circle */
function topOf(graph: OwnershipGraph, { companies, controls }: Relations): string | undefined {
  const above = companies.map((company) => company.partyId).filter((id) => controls(id, graph.customerId))
  if (above.length === 0) return graph.customerId
  const tops = above.filter((id) => ![...above, graph.customerId].some((other) => controls(other, id)))
  return tops.length === 1 ? tops[0] : undefined
}

function controlled(companies: readonly Party[], from: { readonly graph: OwnershipGraph; readonly seed: string }): Set<string> {
  const members = new Set([from.seed])
  grow(companies, { members, joins: (party) => heldBy(from.graph, party, members) > 50 })
  return members
}

function widen(companies: readonly Party[], from: { readonly graph: OwnershipGraph; readonly members: Set<string> }): Set<string> {
  const { graph, members } = from
  grow(companies, {
    members,
    joins: (party) =>
      !party.noneAbove && sumOfShares([heldBy(graph, party, members), undeclaredShare(stakesIn(graph, party.partyId))]) > 50,
  })
  return members
}

const heldBy = (graph: OwnershipGraph, party: Party, holders: ReadonlySet<string>): number =>
  sumOfShares(stakesIn(graph, party.partyId).map((stake) => (holders.has(stake.ownerId) ? stake.share : 0)))

function grow(companies: readonly Party[], rule: { readonly members: Set<string>; joins(party: Party): boolean }): void {
  for (let before = -1; before !== rule.members.size;) {
    before = rule.members.size
    for (const party of companies) if (!rule.members.has(party.partyId) && rule.joins(party)) rule.members.add(party.partyId)
  }
}
