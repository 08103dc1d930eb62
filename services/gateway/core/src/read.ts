/** Small readers over parsed JSON. None throws; what is not of the wanted form reads as not stated. */
export type Fields = { readonly [name: string]: unknown }

/** The largest count a request may state. */
export const MAX_COUNT = 1_000_000

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own properties only: a record never reaches what JavaScript objects inherit. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value
  for (const name of path) {
    if (!isFields(here) || !Object.hasOwn(here, name)) return undefined
    here = here[name]
  }
  return here
}

// NUL cannot be stored in a JSON column and a lone surrogate has no canonical form.
const UNSTORABLE = /[\u0000\p{Surrogate}]/u

/** A text of 1 to `max` characters, as written. A longer one counts as not stated: a cut name would name something else. */
export function text(value: unknown, max = 300): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= max && !UNSTORABLE.test(value) ? value : undefined
}

/** A text, or a whole number as text. */
export function idText(value: unknown, max = 300): string | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value, max)
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A whole number, also one written as digits; negative ones too, so that the caller can refuse them by name. */
export function whole(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  return typeof value === 'string' && /^-?\d{1,12}$/.test(value) ? Number(value) : undefined
}

/** 1 … 1,000,000 */
export function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT
}

export const isOneOf = <const T extends readonly string[]>(values: T, value: unknown): value is T[number] =>
  typeof value === 'string' && values.includes(value)

/** The last segment of a URL or path. */
export function lastSegment(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const clean = value.replace(/[?#].*$/, '').replace(/\/+$/, '')
  return text(clean.slice(clean.lastIndexOf('/') + 1), 200)
}

/** JSON inside a text, as Azure's bodies and OpenStack's envelopes have it. */
export function innerJson(value: unknown): unknown {
  if (isFields(value)) return value
  if (typeof value !== 'string' || value.length > 1_000_000) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
