import { ok, refused, type Result } from '@weir/kernel'
import { normalizeName } from './normalize-name.js'

export interface DeclaredParty {
  readonly partyId: string
  readonly name: string
  readonly aliases?: readonly string[] | undefined
  /** absent: company */
  readonly kind?: 'company' | 'person' | undefined
  readonly headquarters?: string | undefined
  /** of the party or customer that it stands below; absent: not declared */
  readonly sharePercent?: number | undefined
  /** declares that no other company, alone or together with others, holds half or more of it */
  readonly noneAbove?: boolean | undefined
  readonly owners?: readonly DeclaredParty[] | undefined
}

/** What a customer says about itself and those who own it. Absent owners are unknown, never none. */
export interface CustomerDeclaration {
  readonly customerId: string
  readonly name: string
  readonly aliases?: readonly string[] | undefined
  readonly registeredIn?: string | undefined
  readonly headquarters?: string | undefined
  readonly noneAbove?: boolean | undefined
  readonly owners?: readonly DeclaredParty[] | undefined
}

export interface Party {
  readonly partyId: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly kind: 'company' | 'person'
  readonly headquarters: string | undefined
  readonly noneAbove: boolean
}

export interface Stake {
  readonly ownerId: string
  /** percent; undefined: not declared */
  readonly share: number | undefined
}

/** Parties with the customer first, and for each party those who own it. The same party may own along several ways. */
export interface OwnershipGraph {
  readonly customerId: string
  readonly parties: ReadonlyMap<string, Party>
  readonly stakes: ReadonlyMap<string, readonly Stake[]>
}

export interface DeclarationProblem {
  /** RFC 6901 pointer into the declaration */
  readonly pointer: string
  readonly detail: string
}

export const maxOwners = 500
export const maxOwnershipDepth = 32

/** Sum of percentages without the dust of binary fractions: 16.7 and 33.3 are 50. */
export const sumOfShares = (shares: readonly (number | undefined)[]): number =>
  Math.round(shares.reduce<number>((sum, share) => sum + (share ?? 0), 0) * 1e6) / 1e6

/** Share of a party that nobody is declared to hold, including what owners without a declared share may hold. */
export const undeclaredShare = (stakes: readonly Stake[]): number => Math.max(0, 100 - sumOfShares(stakes.map((stake) => stake.share)))

export const stakesIn = (graph: OwnershipGraph, partyId: string): readonly Stake[] => graph.stakes.get(partyId) ?? []

/** Joins mentions of the same party id; refuses what contradicts itself. */
export function buildOwnershipGraph(declaration: CustomerDeclaration): Result<OwnershipGraph, readonly DeclarationProblem[]> {
  const building = new GraphBuilding(declaration)
  if (building.problems.length > 0) return refused(building.problems)
  return ok({ customerId: declaration.customerId, parties: building.parties, stakes: building.stakes })
}

class GraphBuilding {
  readonly parties = new Map<string, Party>()
  readonly stakes = new Map<string, readonly Stake[]>()
  readonly problems: DeclarationProblem[] = []

  constructor(declaration: CustomerDeclaration) {
    const self = { ...declaration, partyId: declaration.customerId, kind: 'company' as const, sharePercent: undefined }
    this.#add(self, { pointer: '', depth: 0 })
    if (this.parties.size > maxOwners + 1) this.#refuse('/owners', `More than ${maxOwners} owners are declared.`)
  }

  #add(declared: DeclaredParty, at: { readonly pointer: string; readonly depth: number }): void {
    if (at.depth > maxOwnershipDepth) return this.#refuse(at.pointer, `Owners are declared more than ${maxOwnershipDepth} steps up.`)
    this.#join(declared, at.pointer)
    const owners = declared.owners ?? []
    if (owners.length === 0) return
    if (declared.kind === 'person') this.#refuse(`${at.pointer}/owners`, 'A natural person has no owners.')
    const stakes = owners.map((owner) => ({ ownerId: owner.partyId, share: owner.sharePercent }))
    this.#hold({ partyId: declared.partyId, stakes, pointer: `${at.pointer}/owners` })
    for (const [index, owner] of owners.entries()) {
      const pointer = `${at.pointer}/owners/${index}`
      if (owner.partyId === declared.partyId) this.#refuse(`${pointer}/partyId`, 'A party cannot be its own owner.')
      this.#add(owner, { pointer, depth: at.depth + 1 })
    }
  }

  #join(declared: DeclaredParty, pointer: string): void {
    if (normalizeName(declared.name) === '') this.#refuse(`${pointer}/name`, 'The name has no letter or digit to screen it by.')
    const known = this.parties.get(declared.partyId)
    if (known === undefined) {
      this.parties.set(declared.partyId, {
        partyId: declared.partyId,
        name: declared.name,
        aliases: declared.aliases ?? [],
        kind: declared.kind ?? 'company',
        headquarters: declared.headquarters,
        noneAbove: declared.noneAbove ?? false,
      })
      return
    }
    const differs = (field: string) =>
      this.#refuse(`${pointer}/${field}`, `The party ${declared.partyId} is declared twice, and differently.`)
    if (normalizeName(known.name) !== normalizeName(declared.name)) differs('name')
    if (declared.kind !== undefined && declared.kind !== known.kind) differs('kind')
    if (declared.headquarters !== undefined && known.headquarters !== undefined && declared.headquarters !== known.headquarters) {
      differs('headquarters')
    }
    this.parties.set(declared.partyId, {
      ...known,
      aliases: [...new Set([...known.aliases, ...(declared.aliases ?? [])])],
      headquarters: known.headquarters ?? declared.headquarters,
      noneAbove: known.noneAbove || (declared.noneAbove ?? false),
    })
  }

  #hold(holding: { readonly partyId: string; readonly stakes: readonly Stake[]; readonly pointer: string }): void {
    const { partyId, stakes, pointer } = holding
    if (new Set(stakes.map((stake) => stake.ownerId)).size < stakes.length) this.#refuse(pointer, 'An owner is declared twice.')
    if (sumOfShares(stakes.map((stake) => stake.share)) > 100.01) this.#refuse(pointer, 'The shares add up to more than 100 %.')
    const known = this.stakes.get(partyId)
    if (known !== undefined && !sameStakes(known, stakes)) {
      this.#refuse(pointer, `The owners of ${partyId} are declared twice, and differently.`)
    }
    this.stakes.set(partyId, stakes)
  }

  #refuse(pointer: string, detail: string): void {
    this.problems.push({ pointer, detail })
  }
}

const sameStakes = (one: readonly Stake[], other: readonly Stake[]): boolean =>
  one.length === other.length && one.every((stake) => other.some((rival) => rival.ownerId === stake.ownerId && rival.share === stake.share))
