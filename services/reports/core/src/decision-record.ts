/** A part of a decision with the salt that lets its digest be checked. */
export interface Section {
  readonly salt: string
  readonly value: unknown
}

/** One recorded decision, as a report discloses it. */
export interface DecisionRecord {
  readonly requestId: string
  readonly revision: number
  readonly decidedAt: string
  /** the log's time, which its entry states */
  readonly recordedAt: string
  /** place in the log */
  readonly index: number
  readonly sections: Readonly<Record<string, Section>>
}

/** A decision with what proves that it was recorded. */
export interface ProvenDecision extends Omit<DecisionRecord, 'recordedAt'> {
  /** exact leaf */
  readonly entry: string
  /** c2sp.org/tlog-proof@v1 */
  readonly receipt: string
  readonly treeSize: number
}

/** A member of a JSON value; undefined where there is none. Reports read sections of every version, so nothing is assumed. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, name) => {
    if (typeof inner !== 'object' || inner === null) return undefined
    return Object.hasOwn(inner, name) ? (inner as Readonly<Record<string | number, unknown>>)[name] : undefined
  }, value)
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : undefined
}

/** When the log recorded an entry; undefined: its text does not say. */
export function recordedAtOf(entry: unknown): string | undefined {
  const t = at(entry, 't')
  return typeof t === 'number' && Number.isSafeInteger(t) && t >= 0 && t <= LAST_INSTANT ? new Date(t).toISOString() : undefined
}

/** the last millisecond of the year 9999, which is the last year that RFC 3339 can write */
const LAST_INSTANT = 253_402_300_799_999

/** undefined: not JSON, or JSON that has no canonical form (RFC 8785), so that no digest over it means anything */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text, (name, value: unknown) => {
      const whole = typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'string' || !LONE_SURROGATE.test(value)
      if (!whole || LONE_SURROGATE.test(name)) throw new RangeError('no canonical form')
      return value
    })
  } catch {
    return undefined
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u

/** Legal status of the rule that decided; `none` where no rule did. */
export const legalStatusOf = (record: DecisionRecord): string =>
  textAt(record.sections, 'outcome', 'value', 'reasons', 0, 'legalStatus') ?? 'none'
export const outcomeOf = (record: DecisionRecord): string => textAt(record.sections, 'outcome', 'value', 'outcome') ?? 'unknown'
