export function percentile(values: Iterable<number>, share: number): number | undefined
export function summaryOf(values: Iterable<number>): {
  readonly count: number
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
  readonly p999: number | undefined
  readonly max: number | undefined
}
export function intendedStart(n: number, load: { readonly begin: number; readonly rate: number }): number
