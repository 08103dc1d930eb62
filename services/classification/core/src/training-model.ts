import type { Interconnect, Placement } from './facts.js'

export interface Band {
  readonly from: number
  readonly points: number
}

/**
 * The points of the order-time model, as data. Cues only add; nothing stated about the purpose makes training less
 * likely. `absent`: the points of a cue that is not stated.
 */
export interface TrainingModel {
  readonly id: string
  /** points from which a level begins */
  readonly levels: { readonly elevated: number; readonly high: number }
  readonly cues: {
    readonly accelerators: { readonly bands: readonly Band[] }
    readonly nodes: { readonly bands: readonly Band[] }
    readonly strongPart: { readonly fromTpp: number; readonly points: number }
    readonly interconnect: {
      readonly points: Readonly<Record<Interconnect, number>>
      readonly absent: number
      /** machines from which a network between them matters */
      readonly fromNodes: number
    }
    readonly gbpsPerNode: { readonly bands: readonly Band[] }
    readonly placement: { readonly points: Readonly<Record<Placement, number>> }
    readonly durationHours: { readonly bands: readonly Band[]; readonly absent: number }
    readonly hints: readonly {
      readonly code: string
      /** lower case; a hint that contains one of them counts */
      readonly words: readonly string[]
      readonly points: number
      /** it speaks against every other declared purpose */
      readonly training: boolean
    }[]
    /** points of a declared purpose */
    readonly declared: Readonly<Record<string, number>>
  }
  /** by declared purpose: points of the machines alone from which they speak against it */
  readonly contradiction: Readonly<Record<string, number>>
}
