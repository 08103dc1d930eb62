import { readdirSync, readFileSync } from 'node:fs'
import { countryGroups, type CompiledPack, type CountryGroups } from '@weir/adjudication-core'
import { PolicyFault } from './policy-fault.js'
import { readCountryGroups } from './read-country-groups.js'
import { digestOf, readPack } from './read-pack.js'

/** What decisions are made with, and the digests that they pin. */
export interface Policy {
  readonly packs: readonly CompiledPack[]
  readonly groups: CountryGroups
  /** by pack id, and `country-groups` */
  readonly digests: Readonly<Record<string, string>>
}

/** Its digest stands among those of the packs. */
const TABLE = 'country-groups'

/** Reads `packs/*.yaml` and `country-groups.csv` of the policy folder; throws when anything in it is not fit for use. */
export function loadPolicy(folder: URL): Policy {
  const base = new URL('packs/', folder)
  const files = readdirSync(base)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
  const packs = files.map((name) => readPack(readFileSync(new URL(name, base), 'utf8'), name))
  if (new Set(packs.map((pack) => pack.id)).size !== packs.length) throw refusal('Two packs have the same id.')
  if (packs.some((pack) => pack.id === TABLE)) throw refusal(`No pack may be called ${TABLE}.`)
  // Without any rule in force everything would be approved.
  if (!packs.some((pack) => pack.mode === 'enforced')) throw refusal('No pack is enforced.')
  const rows = readCountryGroups(readFileSync(new URL(`${TABLE}.csv`, folder), 'utf8'))
  return {
    packs,
    groups: countryGroups(rows),
    digests: { ...Object.fromEntries(packs.map((pack) => [pack.id, pack.digest])), [TABLE]: digestOf(rows) },
  }
}

const refusal = (message: string) => new PolicyFault({ code: 'pack-refused', message })
