import { stakesIn, sumOfShares, undeclaredShare, type OwnershipGraph, type Party } from './ownership-graph.js'

/**
 * Share of the customer held by listed parties under the 50 percent rule: a company of which listed parties hold half or
 * more in aggregate counts as listed and passes on its whole stake; one below half passes on nothing.
 * undefined: what is not declared could lift it to half.
 */
export function listedOwnershipPercent(graph: OwnershipGraph, listed: ReadonlySet<string>): number | undefined {
  const customer = graph.parties.get(graph.customerId)
  if (customer === undefined) return undefined
  const blocked = spread(graph, { seeds: listed, share: (party, members) => heldBy(graph, party, members) })
  const possible = spread(graph, { seeds: blocked, share: (party, members) => mostHeldBy(graph, party, { members, blocked }) })
  const least = heldBy(graph, customer, blocked)
  const most = mostHeldBy(graph, customer, { members: possible, blocked })
  return least >= 50 || most < 50 ? Math.min(100, least) : undefined
}

interface Spread {
  readonly seeds: ReadonlySet<string>
  share(party: Party, members: ReadonlySet<string>): number
}

function spread(graph: OwnershipGraph, rule: Spread): Set<string> {
  const members = new Set(rule.seeds)
  const companies = [...graph.parties.values()].filter((party) => party.kind === 'company' && party.partyId !== graph.customerId)
  for (let before = -1; before !== members.size;) {
    before = members.size
    for (const party of companies) if (!members.has(party.partyId) && rule.share(party, members) >= 50) members.add(party.partyId)
  }
  return members
}

const heldBy = (graph: OwnershipGraph, party: Party, holders: ReadonlySet<string>): number =>
  sumOfShares(stakesIn(graph, party.partyId).map((stake) => (holders.has(stake.ownerId) ? stake.share : 0)))

interface Holders {
  readonly members: ReadonlySet<string>
  readonly blocked: ReadonlySet<string>
}

function mostHeldBy(graph: OwnershipGraph, party: Party, { members, blocked }: Holders): number {
  const stakes = stakesIn(graph, party.partyId)
  // Who declares that nobody holds half has declared its undeclared shares too, except for a listed owner's own.
  const declaresRest = party.noneAbove && !stakes.some((stake) => stake.share === undefined && blocked.has(stake.ownerId))
  return declaresRest ? heldBy(graph, party, blocked) : sumOfShares([heldBy(graph, party, members), undeclaredShare(stakes)])
}
