import type { Facts } from './facts.js'

export type Truth = 'true' | 'false' | 'unknown'
export type Layer = 'L0' | 'L1' | 'L2' | 'L3' | 'L4' | 'L5'
export type Effect = 'deny' | 'license-required' | 'hold' | 'obligation' | 'flag'
export type Outcome = 'approve' | 'hold' | 'deny'
export type LegalStatus =
  'in-force' | 'stayed' | 'not-enforced' | 'proposed' | 'bill' | 'is-informed-letter' | 'guidance' | 'company-policy'

/** Inclusive days, `YYYY-MM-DD`; an absent day is open. */
export interface Validity {
  readonly from?: string
  readonly to?: string
}

/** A rule of a pack whose condition was checked and compiled. */
export interface CompiledRule {
  readonly id: string
  readonly citation: string
  readonly layer: Layer
  readonly effect: Effect
  readonly legalStatus: LegalStatus
  readonly sentence: string
  /** empty: always */
  readonly valid: readonly Validity[]
  /** fact paths that the condition reads */
  readonly paths: readonly string[]
  /** `unknown` only where a missing fact leaves the condition open; anything else that goes wrong is thrown */
  evaluate(facts: Facts): Truth
}

export interface CompiledPack {
  readonly id: string
  /** SHA-256 of its canonical content, hex */
  readonly digest: string
  readonly title: string
  readonly legalStatus: LegalStatus
  /** shadow: evaluated beside, without effect */
  readonly mode: 'enforced' | 'shadow'
  readonly valid: Validity
  readonly rules: readonly CompiledRule[]
}

/** One rule that spoke. */
export interface Finding {
  readonly rule: string
  readonly pack: string
  readonly effect: Effect
  readonly truth: 'true' | 'unknown'
  readonly layer: Layer
  readonly legalStatus: LegalStatus
  readonly citation: string
  readonly sentence: string
  readonly missing?: readonly string[]
}

export interface Reason {
  readonly code: string
  readonly sentence: string
  readonly rule?: string
  readonly citation?: string
  readonly legalStatus?: LegalStatus
  readonly layer?: Layer
  readonly missing?: readonly string[]
}

export const holdsOn = (validity: Validity, day: string): boolean =>
  (validity.from === undefined || validity.from <= day) && (validity.to === undefined || day <= validity.to)
