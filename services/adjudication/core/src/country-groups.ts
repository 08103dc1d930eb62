/** One country in one group of supplement no. 1 to part 740, with inclusive days; an absent day is open. */
export interface CountryGroupRow {
  readonly country: string
  readonly group: string
  readonly from?: string
  readonly to?: string
}

export interface CountryGroups {
  /** Groups of the country on a day (`YYYY-MM-DD`), sorted. undefined: the table does not know the country. */
  of(country: string, day: string): readonly string[] | undefined
}

export function countryGroups(rows: readonly CountryGroupRow[]): CountryGroups {
  const byCountry = new Map<string, CountryGroupRow[]>()
  const inOrder = rows.toSorted((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0))
  for (const row of inOrder) byCountry.set(row.country, [...(byCountry.get(row.country) ?? []), row])
  return {
    of: (country, day) => {
      const known = byCountry.get(country)
      if (!known) return undefined
      const groups: string[] = []
      for (const { group, from, to } of known) {
        const holds = (from === undefined || from <= day) && (to === undefined || day <= to)
        if (holds && groups.at(-1) !== group) groups.push(group)
      }
      return groups
    },
  }
}
