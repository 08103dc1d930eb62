/** An answer slower than this is no service any more. */
const P99_BELOW_MS = 1_000

/**
 * Why a rate was not sustained; empty: it was. All asked for was answered with a decision, in time, and what was under way at the end
 * was not more than at the beginning.
 */
export function whyNotSustained({ rate, seconds, p99, achieved, answers, underWay, gaveUp, behind = 0 }) {
  const others = Object.entries(answers).filter(([answer]) => answer !== '200 approve')
  return [
    ...(gaveUp ? ['requests piled up, so the rest was not sent'] : []),
    ...others.map(([answer, count]) => `${count} answers were ${answer}`),
    ...(p99 === undefined || p99 >= P99_BELOW_MS ? [`p99 was ${Math.round(p99 ?? 0)} ms`] : []),
    ...(grows(underWay, { rate }) ? ['the backlog grew'] : []),
    ...(achieved < rate * Math.min(0.98, 1 - 0.3 / seconds) ? [`${Math.round(achieved)} of ${rate} a second were answered in time`] : []),
    ...(behind > rate ? [`consumers off the path were ${behind} messages behind`] : []),
  ]
}

/** The last third against the first. A tenth of a second's requests more is no growth but a hiccup. */
export function grows(underWay, { rate }) {
  const third = Math.floor(underWay.length / 3)
  if (third === 0) return false
  const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length
  return mean(underWay.slice(-third)) > 1.5 * mean(underWay.slice(0, third)) + 0.1 * rate
}

/**
 * The highest rate that holds: upwards by half until one does not, then halves of what is between, until less than `precision` is; then
 * `confirm` has to hold for as long as asked, and is tried lower by `precision` until it does. Both answer `{ sustained, ... }`.
 */
export async function searchSaturation({ probe, confirm, from, most, precision = 0.08 }) {
  const probes = []
  const holds = async (rate) => {
    const result = await probe(rate)
    probes.push({ rate, ...result })
    return result.sustained
  }
  let [low, high] = [0, undefined]
  for (let rate = from; high === undefined && rate <= most; rate = rounded(rate * 1.5)) {
    if (await holds(rate)) low = rate
    else high = rate
  }
  for (let rate = from / 2; low === 0 && rate >= 10; rate = rounded(rate / 2)) {
    if (await holds(rate)) low = rate
    else high = rate
  }
  while (high !== undefined && low > 0 && high - low > precision * high) {
    const middle = rounded((low + high) / 2)
    if (middle === low || middle === high) break
    if (await holds(middle)) low = middle
    else high = middle
  }
  for (let rate = low; rate >= 10; rate = rounded(rate * (1 - precision))) {
    const result = await confirm(rate)
    probes.push({ rate, confirming: true, ...result })
    if (result.sustained) return { rate, confirmed: result, probes }
  }
  return { rate: 0, confirmed: undefined, probes }
}

/** To what people remember. */
const rounded = (rate) => (rate >= 1_000 ? Math.round(rate / 50) * 50 : rate >= 100 ? Math.round(rate / 10) * 10 : Math.floor(rate))
