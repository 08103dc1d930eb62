import { determineControl } from './control.js'
import { stakesIn, type OwnershipGraph, type Party } from './ownership-graph.js'

export interface WalkedOwner {
  readonly partyId: string
  readonly name: string
  readonly headquarters: string | undefined
  /** multiplied along each way and summed over ways; undefined: a share on some way is not declared */
  readonly sharePercent: number | undefined
  /** the shortest way, from the customer's direct owner up to this one */
  readonly path: readonly string[]
}

export interface WalkedOwnership {
  /** nearest first; without the customer, even where it owns a part of its owners */
  readonly owners: readonly WalkedOwner[]
  readonly ultimateParent: Party | undefined
  readonly ownershipComplete: boolean
  /** a party is reached from itself */
  readonly circular: boolean
  readonly contradictory: boolean
}

/** Steps after which a web of cross-holdings is given up; its shares are then unknown. */
const stepBudget = 20_000

export function walkOwnership(graph: OwnershipGraph): WalkedOwnership {
  const control = determineControl(graph)
  const { shares, circular } = multiplyShares(graph)
  const owners = [...shortestPaths(graph)].flatMap(([partyId, path]) => {
    const party = graph.parties.get(partyId)
    return party === undefined
      ? []
      : [{ partyId, name: party.name, headquarters: party.headquarters, sharePercent: shares.get(partyId), path }]
  })
  return {
    owners,
    ultimateParent: control.ultimateParentId === undefined ? undefined : graph.parties.get(control.ultimateParentId),
    ownershipComplete: control.complete,
    circular,
    contradictory: control.contradictory,
  }
}

function shortestPaths(graph: OwnershipGraph): Map<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>()
  const queue: { readonly partyId: string; readonly path: readonly string[] }[] = [{ partyId: graph.customerId, path: [] }]
  for (const { partyId, path } of queue) {
    for (const { ownerId } of stakesIn(graph, partyId)) {
      if (ownerId === graph.customerId || paths.has(ownerId)) continue
      const longer = [...path, ownerId]
      paths.set(ownerId, longer)
      queue.push({ partyId: ownerId, path: longer })
    }
  }
  return paths
}

interface MultipliedShares {
  /** a party that is absent has no known share */
  readonly shares: ReadonlyMap<string, number>
  readonly circular: boolean
}

/** Over ways that pass no party twice: what a circle adds to its own share is left out. */
function multiplyShares(graph: OwnershipGraph): MultipliedShares {
  const sums = new Map<string, number>()
  const unknown = new Set<string>()
  let circular = false
  let steps = 0
  const climb = (at: { readonly partyId: string; readonly fraction: number | undefined; readonly passed: ReadonlySet<string> }): void => {
    for (const { ownerId, share } of stakesIn(graph, at.partyId)) {
      if (at.passed.has(ownerId)) {
        circular = true
        continue
      }
      steps += 1
      if (steps > stepBudget) return
      const fraction = share === undefined || at.fraction === undefined ? undefined : (at.fraction * share) / 100
      if (fraction === undefined) unknown.add(ownerId)
      else sums.set(ownerId, (sums.get(ownerId) ?? 0) + fraction)
      climb({ partyId: ownerId, fraction, passed: new Set(at.passed).add(ownerId) })
    }
  }
  climb({ partyId: graph.customerId, fraction: 1, passed: new Set([graph.customerId]) })
  if (steps > stepBudget) return { shares: new Map(), circular }
  const known = [...sums].filter(([partyId]) => !unknown.has(partyId))
  return { shares: new Map(known.map(([partyId, sum]) => [partyId, Math.min(100, Math.round(sum * 1e6) / 1e4)])), circular }
}
