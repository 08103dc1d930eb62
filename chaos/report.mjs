// What the runs showed, as tables: Markdown that also reads well in a terminal.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

const LOST = ['I1', 'I9', 'I11']
const DUPLICATE = ['I2', 'I3', 'I5', 'I10']
const root = fileURLToPath(new URL('../', import.meta.url))

const isAlarm = ({ error, fallen = [], invariants = [] }) =>
  error !== undefined || fallen.length > 0 || invariants.some(({ state }) => state === 'broken')
const total = (results, valueOf) => results.reduce((sum, result) => sum + (valueOf(result) ?? 0), 0)
const found = (results, ids) =>
  total(
    results.flatMap(({ invariants = [] }) => invariants),
    ({ id, state, count }) => (ids.includes(id) && state === 'broken' ? count : 0),
  )

function times(results) {
  const sorted = results.map(({ recoveryMs }) => recoveryMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const seconds = (ms) => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : '> 30 s')
  return [seconds(sorted[Math.floor((sorted.length - 1) / 2)]), seconds(sorted.at(-1))]
}

function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, n) => Math.max(...all.map((row) => row[n].length)))
  const line = (row) => `| ${row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join(' | ')} |`
  const rule = `| ${widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(all[0]), rule, ...all.slice(1).map(line)].join('\n')
}

const HEAD = ['requests', 'accepted', 'lost', 'duplicate effects', 'order violations', 'recovery, median', 'recovery, worst', 'alarms']
const cells = (results) => [
  total(results, ({ requests }) => requests),
  total(results, ({ accepted }) => accepted),
  found(results, LOST),
  found(results, DUPLICATE),
  found(results, ['I6']),
  ...times(results),
  results.filter(isAlarm).length,
]

/** `accepted` is told by the checker for all of its stage: what a run added is the difference. */
const own = (results) =>
  results.map((result, n) => {
    const before = results[n - 1]?.accepted ?? 0
    return result.accepted === undefined ? result : { ...result, accepted: result.accepted - (result.accepted >= before ? before : 0) }
  })

export function faultTable(results) {
  const all = own(results)
  const rows = [...Map.groupBy(all, ({ kind }) => kind)].map(([kind, some]) => [
    kind,
    some.length,
    total(some, ({ deaths }) => deaths),
    ...cells(some),
  ])
  return table(['fault', 'runs', 'kills', ...HEAD], [...rows, ['all', all.length, total(all, ({ deaths }) => deaths), ...cells(all)]])
}

/** Each step of each service: how often a process died there with requests in flight, of how many tries. */
export function pointTable(all) {
  const points = all.flatMap(({ points: some = [] }) => some)
  const services = [...new Set(points.map(({ service }) => service))].sort()
  const cell = (tries) => (tries.length === 0 ? '' : `${tries.filter(({ inFlight }) => inFlight > 0).length} of ${tries.length}`)
  const rows = [...Map.groupBy(points, ({ point }) => point)].map(([point, some]) => [
    point,
    ...services.map((name) => cell(some.filter(({ service }) => service === name))),
  ])
  return table(['step', ...services], rows)
}

export function soakTable(legs) {
  const kills = (key) => total(legs, (leg) => leg[key])
  const row = ['service every 10 s, broker or PostgreSQL every 120 s', legs.length, `${kills('services')} + ${kills('servers')}`]
  return table(['soak', 'legs of 120 s', 'kills', ...HEAD], [[...row, ...cells(own(legs))]])
}

const lines = (file) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : []

const commit = () => execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const days = (all) => {
  const sorted = all.map(({ at }) => at.slice(0, 10)).sort()
  return sorted[0] === sorted.at(-1) ? sorted[0] : `${sorted[0]} to ${sorted.at(-1)}`
}

/** docs/reliability.md, from all results that this clone keeps. */
export async function writeReport(results) {
  const files = readdirSync(results).filter((name) => /^runs-\d+\.jsonl$/.test(name))
  const all = files.flatMap((name) => lines(join(results, name)))
  const legs = lines(join(results, 'soak.jsonl'))
  const plantsFile = join(results, 'plants.json')
  const plants = existsSync(plantsFile) ? JSON.parse(readFileSync(plantsFile, 'utf8')) : []
  const parts = [
    introduction([...all, ...legs]),
    ...(all.length === 0
      ? []
      : [
          `## Runs, each with one fault\n\n${faultTable(all)}\n\n${alarms(all)}`,
          `## Steps of the write path\n\n${STEPS}\n\n${pointTable(all)}`,
        ]),
    ...(legs.length === 0 ? [] : [`## Soak\n\n${soakTable(legs)}\n\n${alarms(legs)}`]),
    ...(plants.length === 0 ? [] : [`## The checker, tried\n\n${PLANTED}\n\n${plantRows(plants)}`]),
    NOTES,
  ]
  const file = join(root, 'docs/reliability.md')
  writeFileSync(file, await format(`${parts.join('\n\n')}\n`, { ...(await resolveConfig(file)), parser: 'markdown' }))
}

const introduction = (all) => `# Reliability

Measured ${days(all)} at ${commit()}, Node ${process.version}, ${cpus().length} cores that load, proxies, six services, PostgreSQL, broker and checker
share with other work: recovery times are upper bounds of a busy machine. Written by \`npm run chaos -- --report\` from what the
runs left in \`chaos/results\`; how to repeat them is in [chaos/README.md](../chaos/README.md).

Lost: accepted and not decided, not recorded, not answered or not published (I1, I9, I11). Duplicate effects: decided, recorded,
drawn or handled twice (I2, I3, I5, I10). Order violations: I6. An alarm: a run in which an invariant was broken or
a process died that nobody had struck.
A kill counts only while requests are in flight. Recovery is from the heal to the first of ten answers in a row that are as quick as
before the fault: at most twice its p99, or 500 ms.`

const alarms = (all) => {
  const told = all.filter((result) => isAlarm(result) || result.recoveryMs === undefined)
  if (told.length === 0) return 'No alarm.'
  const line = ({ run, leg, seed, kind, error, fallen = [], invariants = [], recoveryMs }) => {
    const broken = invariants
      .filter(({ state }) => state === 'broken')
      .map(({ id, name, count, examples }) => `${id} ${name} (${count}), e.g. ${examples[0]}`)
    const late = recoveryMs === undefined ? ['not back to baseline within 30 s'] : []
    return `- ${run === undefined ? `leg ${leg}` : `run ${run}`} of seed ${seed}, ${kind}: ${[...(error ? [error.split('\n')[0]] : []), ...fallen, ...broken, ...late].join('; ')}`
  }
  return told.map(line).join('\n')
}

const STEPS = `A process is started with a step at which it kills itself, at a random pass: deaths with requests in flight, of how many tries. A
step that is not reached within 6 s counts as a try.`

const PLANTED = `Each of these faults was built in behind a switch that works under \`NODE_ENV=test-chaos\` only. The checker knows neither switch nor
name. \`npm run chaos -- --plant NAME\` tries one.`

const plantRows = (plants) =>
  table(
    ['planted', 'found by', 'for example'],
    plants.map(({ plant, caught, error }) => [
      plant,
      caught.map(({ id, count }) => `${id} (${count})`).join(', ') || 'NOT FOUND',
      caught[0]?.example ?? error ?? '',
    ]),
  )

const NOTES = `## What it found

- A client that hung up while the owner of what it asked for was slow ended the gateway. Mended; a death that nobody caused is an alarm now.
- A service that was told to stop waited ten seconds for clients that kept asking on an open connection. Mended.
- Most of the recovery after a kill is the ten seconds for which Kafka keeps a dead member's partitions.

## What this does not show

- A report holds every decision that was answered before the report was asked for. One whose interval ends within the last seconds may
  lack decisions that were made and not recorded yet.
- I8 (webhooks) and I13 (row isolation) are not built. A case has no deadline of its own: I12 is that what is held has an open case,
  what is decided has none, and what two officers ended stays ended.
- One broker with one replica and one instance of each service: no failover between brokers, no second sequencer. Page cache
  survives \`kill -9\`; a power cut of the whole machine is not simulated.
- A skewed clock, a full disk and a rolling upgrade are not injected.`
