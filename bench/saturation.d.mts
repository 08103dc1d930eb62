export interface Probe {
  readonly rate: number
  readonly seconds: number
  readonly p99: number | undefined
  readonly achieved: number
  readonly answers: Readonly<Record<string, number>>
  readonly underWay: readonly number[]
  readonly gaveUp: boolean
  readonly behind?: number
}

export function whyNotSustained(probe: Probe): readonly string[]
export function grows(underWay: readonly number[], load: { readonly rate: number }): boolean

export interface Verdict {
  readonly sustained: boolean
}

export function searchSaturation<T extends Verdict>(search: {
  readonly probe: (rate: number) => Promise<T>
  readonly confirm: (rate: number) => Promise<T>
  readonly from: number
  readonly most: number
  readonly precision?: number
}): Promise<{
  readonly rate: number
  readonly confirmed: T | undefined
  readonly probes: readonly (T & { readonly rate: number; readonly confirming?: true })[]
}>
