export type Paragraph = '3A090.a' | '3A090.b' | 'none' | 'unknown'
export type RuleId = 'october-2022' | 'october-2023' | 'before-october-2022'
export type TrainingLevel = 'none' | 'low' | 'elevated' | 'high' | 'unknown'

export interface LimitMargin {
  /** `TPP 4800`, `PD 5.92`, `I/O 600` */
  readonly limit: string
  readonly value: number
  readonly threshold: number
  /** (value - threshold) / threshold */
  readonly margin: number
}

export interface PartVerdict {
  readonly model: string
  readonly tpp?: number
  readonly performanceDensity?: number
  readonly paragraph: Paragraph
  readonly basis: string
  readonly margins: readonly LimitMargin[]
  readonly nearThreshold: boolean
}

export interface Reason {
  readonly code: string
  readonly sentence: string
}

export interface TrainingVerdict {
  readonly level: TrainingLevel
  /** points over 100, not a calibrated probability; absent where the level is unknown */
  readonly likelihood?: number
  readonly declared?: string
  readonly contradictsDeclared: boolean
  readonly reasons: readonly Reason[]
}

export interface RegionVerdict {
  readonly raw?: string
  readonly country?: string
  readonly operator?: string
  readonly relation?: 'own' | 'partner'
  readonly stateAffiliated: 'yes' | 'no' | 'unknown'
}

export interface Verdict {
  readonly resolution: 'accelerators' | 'none' | 'unknown'
  readonly unknownSkus: readonly string[]
  readonly accelerators: readonly (PartVerdict & { readonly count: number })[]
  readonly paragraph: Paragraph
  readonly rule: RuleId
  readonly nearThreshold: boolean
  readonly totals: { readonly accelerators: number; readonly tpp?: number }
  readonly training: TrainingVerdict
  readonly region: RegionVerdict
}
