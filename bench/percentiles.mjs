/** Of values in any order; `undefined` of none. The smallest value that at least `share` of all do not exceed. */
export function percentile(values, share) {
  return ofSorted(Float64Array.from(values).sort(), share)
}

const ofSorted = (sorted, share) => (sorted.length === 0 ? undefined : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)])

/** What is told of a list of latencies, in their unit. */
export function summaryOf(values) {
  const sorted = Float64Array.from(values).sort()
  const at = (share) => ofSorted(sorted, share)
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) }
}

/** When the nth request of `rate` a second is meant to start: latency counts from here, however late it was sent. */
export const intendedStart = (n, { begin, rate }) => begin + (n * 1000) / rate
