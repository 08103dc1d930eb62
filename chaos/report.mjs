import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LOST = ['I1', 'I9', 'I11']
const DUPLICATE = ['I2', 'I3', 'I5', 'I10']

function rowsOf(all) {
  const sum = (results, ids) =>
    results
      .flatMap(({ invariants = [] }) => invariants)
      .reduce((total, { id, state, count }) => total + (ids.includes(id) && state === 'broken' ? count : 0), 0)
  return [...Map.groupBy(all, ({ kind }) => kind)].map(([kind, results]) => {
    const times = results.map(({ recoveryMs }) => recoveryMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
    const seconds = (ms) => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : '> 30 s')
    return [
      kind,
      results.length,
      results.reduce((total, { deaths }) => total + deaths, 0),
      results.reduce((total, { requests }) => total + requests, 0),
      sum(results, LOST),
      sum(results, DUPLICATE),
      sum(results, ['I6']),
      seconds(times[Math.floor(times.length / 2)]),
      seconds(times.at(-1)),
      results.filter(({ error, invariants = [] }) => error !== undefined || invariants.some(({ state }) => state === 'broken')).length,
    ]
  })
}

const HEAD = [
  'fault',
  'runs',
  'kills',
  'requests',
  'lost',
  'duplicate effects',
  'order violations',
  'recovery, median',
  'recovery, worst',
  'runs with an alarm',
]

/** Markdown that also reads well in a terminal. */
export function faultTable(all) {
  const rows = [HEAD, ...rowsOf(all)].map((row) => row.map(String))
  const widths = HEAD.map((_, n) => Math.max(...rows.map((row) => row[n].length)))
  const line = (row) => `| ${row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join(' | ')} |`
  const rule = `| ${widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n')
}

/** docs/reliability.md, from all results that this clone keeps. */
export function writeReport(results) {
  const files = readdirSync(results).filter((name) => /^seed-.*\.jsonl$/.test(name))
  const all = files.flatMap((name) =>
    readFileSync(join(results, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  )
  const plantsFile = join(results, 'plants.json')
  const plants = existsSync(plantsFile) ? JSON.parse(readFileSync(plantsFile, 'utf8')) : []
  const text = `# Reliability

Written by \`npm run chaos -- --report\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores shared by load, services, PostgreSQL and
broker. Each run is 20 s of open-loop load on six service processes, one real Kafka broker and one real PostgreSQL, broken in
one way; then a program that sees only HTTP, topics, the ledger's folder and the client's journal holds the invariants against
what it finds. A kill counts only while requests are in flight. Recovery is from the heal to the first of ten answers in a row
as quick as before the fault (at most twice its p99, or 500 ms).

${faultTable(all)}

Lost: accepted and not decided, recorded or published. Duplicate effects: decided, recorded, drawn or handled twice.

## Planted faults

The checker is tried too: each of these faults was built in, without its knowing.

| planted | found by | for example |
| ------- | -------- | ----------- |
${plants.map(({ plant, caught, example }) => `| ${plant} | ${caught.join(', ') || 'NOT FOUND'} | ${example ?? ''} |`).join('\n')}
`
  writeFileSync(fileURLToPath(new URL('../docs/reliability.md', import.meta.url)), text)
}
