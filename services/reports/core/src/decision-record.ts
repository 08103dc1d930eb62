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
  /** place in the log */
  readonly index: number
  readonly sections: Readonly<Record<string, Section>>
}

/** A decision with what proves that it was recorded. */
export interface ProvenDecision extends DecisionRecord {
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

/** Legal status of the rule that decided; `none` where no rule did. */
export const legalStatusOf = (record: DecisionRecord): string =>
  textAt(record.sections, 'outcome', 'value', 'reasons', 0, 'legalStatus') ?? 'none'
export const outcomeOf = (record: DecisionRecord): string => textAt(record.sections, 'outcome', 'value', 'outcome') ?? 'unknown'
