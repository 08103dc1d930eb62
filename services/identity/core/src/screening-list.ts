import { ok, refused, type Result } from '@weir/kernel'
import { normalizeName } from './normalize-name.js'

/** Header of the Consolidated Screening List, in this order. */
export const screeningListColumns = [
  '_id',
  'source',
  'entity_number',
  'type',
  'programs',
  'name',
  'title',
  'addresses',
  'federal_register_notice',
  'start_date',
  'end_date',
  'standard_order',
  'license_requirement',
  'license_policy',
  'call_sign',
  'vessel_type',
  'gross_tonnage',
  'gross_registered_tonnage',
  'vessel_flag',
  'vessel_owner',
  'remarks',
  'source_list_url',
  'alt_names',
  'citizenships',
  'dates_of_birth',
  'nationalities',
  'places_of_birth',
  'source_information_url',
  'ids',
] as const

export interface ListEntry {
  readonly entryId: string
  /** short name of the list, e.g. `SDN` */
  readonly list: string
  readonly name: string
  /** every normalized name under which the entry is found, without repetition */
  readonly keys: readonly string[]
}

export interface ListRowProblem {
  readonly column: string
  readonly detail: string
}

/** Published names that carry their short name nowhere, or carry a longer one. */
const shortNames: Readonly<Record<string, string>> = {
  'Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department': 'MBS',
}

/** One row of the list; cells in the order of `screeningListColumns`. */
export function readListRow(cells: readonly string[]): Result<ListEntry, readonly ListRowProblem[]> {
  if (cells.length !== screeningListColumns.length) {
    const column = screeningListColumns[Math.min(cells.length, screeningListColumns.length - 1)] ?? '_id'
    return refused([{ column, detail: `The row has ${cells.length} columns instead of ${screeningListColumns.length}.` }])
  }
  const cell = (column: (typeof screeningListColumns)[number]) => (cells[screeningListColumns.indexOf(column)] ?? '').trim()
  const [entryId, source, name] = [cell('_id'), cell('source'), cell('name')]
  const problems: ListRowProblem[] = []
  if (entryId === '') problems.push({ column: '_id', detail: 'The entry has no id.' })
  if (entryId.length > 200) problems.push({ column: '_id', detail: 'The id is longer than 200 characters.' })
  if (source === '') problems.push({ column: 'source', detail: 'The entry does not say which list it is from.' })
  const aliases = cell('alt_names').split('; ')
  const keys = keysOf({ name, aliases, individual: cell('type') === 'Individual' })
  if (name === '') problems.push({ column: 'name', detail: 'The entry has no name.' })
  else if (keys.length === 0) problems.push({ column: 'name', detail: 'The name has no letter or digit to match by.' })
  if (problems.length > 0) return refused(problems)
  return ok({ entryId, list: shortNameOf(source), name: name.slice(0, 500), keys })
}

function shortNameOf(source: string): string {
  return (shortNames[source] ?? /\(([^()]+)\)/.exec(source)?.[1] ?? source).slice(0, 100)
}

interface EntryNames {
  readonly name: string
  readonly aliases: readonly string[]
  readonly individual: boolean
}

function keysOf(entry: EntryNames): string[] {
  const spellings = [entry.name, ...entry.aliases].flatMap((name) => spellingsOf(name, entry.individual))
  return [...new Set(spellings.map(normalizeName))].filter((key) => key !== '')
}

/** How an entry's name is written apart from the list's own habits of appending and inverting. */
function spellingsOf(name: string, individual: boolean): string[] {
  const withoutTail = name.replace(/;? and any successor,? .*$/i, '')
  const withoutAcronym = withoutTail.replace(/\s*\([^()]*\)\s*$/, '')
  const inverted = individual ? /^([^,]+), ([^,]+)$/.exec(withoutAcronym) : null
  return [name, withoutTail, withoutAcronym, ...(inverted ? [`${inverted[2]} ${inverted[1]}`] : [])]
}
