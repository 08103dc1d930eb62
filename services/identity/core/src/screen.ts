import { normalizeName } from './normalize-name.js'

export interface ScreenedParty {
  readonly partyId: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly relation: 'self' | 'owner'
}

export interface IndexedEntry {
  readonly list: string
  readonly entryId: string
  readonly entryName: string
}

/** Entries by normalized name. May hold only the names that `screeningKeys` asks for. */
export type ScreeningIndex = ReadonlyMap<string, readonly IndexedEntry[]>

export interface ListHit extends IndexedEntry {
  readonly partyId: string
  readonly partyName: string
  readonly relation: 'self' | 'owner'
  readonly method: 'exact-normalized-name'
}

/** The normalized names under which the parties are looked up. */
export function screeningKeys(parties: readonly Pick<ScreenedParty, 'name' | 'aliases'>[]): string[] {
  return [...new Set(parties.flatMap((party) => [party.name, ...party.aliases].map(normalizeName)))].filter((key) => key !== '')
}

/** Each pair of party and entry at most once, ordered by party as given, then by list and entry. */
export function screen(parties: readonly ScreenedParty[], index: ScreeningIndex): ListHit[] {
  return parties.flatMap((party) => {
    const found = new Map<string, IndexedEntry>()
    for (const entry of screeningKeys([party]).flatMap((key) => index.get(key) ?? [])) found.set(`${entry.list}\n${entry.entryId}`, entry)
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, entry]) => ({
        list: entry.list,
        entryId: entry.entryId,
        entryName: entry.entryName,
        partyId: party.partyId,
        partyName: party.name,
        relation: party.relation,
        method: 'exact-normalized-name' as const,
      }))
  })
}
