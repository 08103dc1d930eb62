import { nameOf } from './names.mjs'

/** Above this the machine is too slow, or too busy, for the figures to be about Weir. */
const FLOOR_P50_BELOW_MS = 20

/** Decisions a second that two cores are wanted to hold. */
export const wantedPerSecond = 1_500

/** Why the figures of a run count for nothing; empty: they count. */
export function whyInvalid(transports) {
  return Object.entries(transports).flatMap(([kind, { floor, weir }]) => {
    const at100 = at(floor.latency, 100)
    const loads = [...(weir.latency ?? []).filter(({ rate }) => rate <= 100), ...(weir.growth ?? [])]
    const others = new Set(loads.flatMap(({ answers }) => Object.keys(answers)).filter((answer) => answer !== '200 approve'))
    return [
      ...(at100 !== undefined && at100.p50 > FLOOR_P50_BELOW_MS
        ? [
            `${nameOf(kind)}: the floor's p50 at 100/s was ${at100.p50.toFixed(1)} ms, above ${FLOOR_P50_BELOW_MS} ms: the machine was busy or is too slow`,
          ]
        : []),
      // A request that waits for an officer passes other rules and writes other rows.
      ...(others.size > 0 ? [`${nameOf(kind)}: not every request was approved: ${[...others].join(', ')}`] : []),
    ]
  })
}

/** Of all cores; what runs beside takes more than its CPU time: caches, and the turn of a process that waits. */
const OTHERS_BELOW = 0.1

/** What else ran on the machine while it was measured; undefined: nothing to speak of. */
export function whyDoubtful(transports, { cores }) {
  const loads = Object.values(transports).flatMap(({ floor, weir }) => [
    ...(floor.latency ?? []),
    ...(weir.latency ?? []),
    ...(weir.growth ?? []),
    ...[floor, weir].flatMap(({ saturation }) => saturation?.confirmed ?? []),
  ])
  const most = Math.max(0, ...loads.map(({ cpu }) => cpu?.cores.others ?? 0))
  if (most < OTHERS_BELOW * cores) return undefined
  return `Up to ${most.toFixed(1)} of ${cores} cores were busy with other things while this was measured`
}

export const at = (loads, rate) => loads?.find((load) => load.rate === rate)

const services = ['services', 'gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports']
export const isService = (component) => services.includes(component)
export const sumOf = (values) => values.reduce((total, value) => total + value, 0)
const ofServices = (parts) => sumOf(Object.entries(parts).flatMap(([name, value]) => (isService(name) ? [value] : [])))

/** What was wanted on two cores, and what this run reached: `{ what, wanted, reached, met }`, the ones that were measured. */
export function goalsOf(transports) {
  return Object.entries(transports).flatMap(([kind, { floor, weir }]) => {
    const [load, bare] = [at(weir.latency, 100), at(floor.latency, 100)]
    const goal = (what, unit, { value, limit, atLeast = false }) =>
      value === undefined
        ? []
        : [
            {
              kind,
              what,
              wanted: `${atLeast ? '≥' : '≤'} ${limit}${unit}`,
              reached: `${rounded(value)}${unit}`,
              met: atLeast ? value >= limit : value <= limit,
            },
          ]
    return [
      ...goal('p50 at 100/s, receipt included', ' ms', { value: load?.p50, limit: 30 }),
      ...goal('p99 at 100/s, receipt included', ' ms', { value: load?.p99, limit: 120 }),
      ...goal('p50 at 100/s, times the floor’s', '', { value: load && bare && load.p50 / bare.p50, limit: 2.5 }),
      ...goal('sustained decisions', '/s', { value: weir.saturation?.rate, limit: wantedPerSecond, atLeast: true }),
      ...goal('start to first decision', ' s', {
        value: kind === 'kafka' || weir.start === undefined ? undefined : Math.max(...weir.start.map(({ first }) => first.decided)) / 1_000,
        limit: 10,
      }),
      ...goal('idle CPU of all services, of one core', ' %', { value: weir.idle && ofServices(weir.idle.cores) * 100, limit: 5 }),
    ]
  })
}

const rounded = (value) => (value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1))
