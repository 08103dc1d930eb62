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
  for (const row of rows) byCountry.set(row.country, [...(byCountry.get(row.country) ?? []), row])
  return {
    of: (country, day) => {
      const known = byCountry.get(country)
      if (!known) return undefined
      const valid = known.filter(({ from, to }) => (from === undefined || from <= day) && (to === undefined || day <= to))
      return [...new Set(valid.map((row) => row.group))].sort()
    },
  }
}
