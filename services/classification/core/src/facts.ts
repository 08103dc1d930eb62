import type { AcceleratorPieces } from '@weir/catalog'

export type Interconnect = 'infiniband' | 'roce' | 'efa' | 'nvlink-switch' | 'ethernet'
export type Placement = 'cluster' | 'spread' | 'none'

/** `none` and an empty list state that there is none; `unknown` states nothing. */
export type StatedAccelerators = readonly AcceleratorPieces[] | 'none' | 'unknown'

/**
 * What classification needs of a request, to classify it now and again later. Nothing in it tells who asks.
 * An absent fact was not stated; absent is unknown, never "no".
 */
export interface WorkloadFacts {
  /** ISO 8601; decides which rule applies and is the start of an ask that names none */
  readonly at: string
  readonly provider?: string
  readonly skus: readonly { readonly raw: string; readonly count: number; readonly accelerators?: StatedAccelerators }[]
  /** most machines the ask may take */
  readonly most?: number
  /** totals over the ask as the sender states them */
  readonly accelerators?: StatedAccelerators
  /** hours the ask runs; absent: no end stated */
  readonly durationHours?: number
  readonly hints?: readonly string[]
  readonly interconnect?: Interconnect
  readonly gbpsPerNode?: number
  readonly placement?: Placement
  readonly declared?: string
  readonly region?: { readonly raw: string; readonly country?: string; readonly operator?: string }
}
