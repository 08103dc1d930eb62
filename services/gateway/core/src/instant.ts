/** Instants as epoch milliseconds and RFC 3339 text; no clock and no time zone of the machine. */
const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?\s*([Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/
const DAY = 86_400_000
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
const FIRST = daysFromCivil(1, 1, 1) * DAY
const LAST = daysFromCivil(9999, 12, 31) * DAY + DAY - 1

function daysInMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0)
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that start in March.
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || /^(z|utc)$/i.test(zone)) return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 18 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** Epoch milliseconds of a written instant, cut to milliseconds; no zone means UTC. */
export function epochOf(value: unknown): number | undefined {
  const parts = typeof value === 'string' && value.length <= 64 ? FORM.exec(value.trim()) : null
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? '0'))
  const offset = offsetMinutes(parts[8])
  if (year === undefined || month === undefined || day === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  const epoch = daysFromCivil(year, month, day) * DAY + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds
  return epoch >= FIRST && epoch <= LAST ? epoch : undefined
}

/** RFC 3339 in UTC with milliseconds. */
export function instantText(epoch: number): string | undefined {
  if (!Number.isFinite(epoch) || epoch < FIRST || epoch > LAST) return undefined
  const days = Math.floor(epoch / DAY)
  const rest = Math.floor(epoch - days * DAY)
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const two = (n: number): string => String(n).padStart(2, '0')
  const time = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60, Math.floor(rest / 1000) % 60].map(two).join(':')
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}.${String(rest % 1000).padStart(3, '0')}Z`
}

/** A written instant in UTC, cut to milliseconds. */
export function instant(value: unknown): string | undefined {
  const epoch = epochOf(value)
  return epoch === undefined ? undefined : instantText(epoch)
}

/** Seconds since 1970, as schedulers count. 0 means "not set". */
export function instantOfSeconds(value: number | undefined): string | undefined {
  return value === undefined || value <= 0 ? undefined : instantText(value * 1000)
}
