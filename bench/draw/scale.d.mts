export interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}
type Range = readonly [number, number]
export function linearScale(domain: Range, places: Range): Scale
export function logScale(domain: Range, places: Range): Scale
export function upTo(values: readonly number[]): [number, number]
export function around(values: readonly number[]): [number, number]
export function spread(
  wanted: readonly number[],
  room: { readonly height: number; readonly low: number; readonly high: number },
): readonly number[]
