// npm run chaos [-- --runs 12 --seed 1 --rate 25 --only kill,reset --kills 20 --plants --resume --report]
//
// One broker, one PostgreSQL and six services under load, broken in one way per run, looked at from outside by check.mjs.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startCluster, services } from './cluster.mjs'
import { failpoints, faults } from './faults.mjs'
import { createLoad, openJournal, registerLicenses, registerWorld } from './load.mjs'
import { faultTable, writeReport } from './report.mjs'

const here = fileURLToPath(new URL('./', import.meta.url))
const results = join(here, 'results')
const RECOVER_WITHIN_MS = 30_000
const LOAD_SECONDS = 20
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '11' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '25' },
    only: { type: 'string' },
    kills: { type: 'string' },
    plants: { type: 'boolean', default: false },
    plant: { type: 'string' },
    resume: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const say = (line) => console.log(line)

/** mulberry32: the same seed, the same plan. */
function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function openStage(env) {
  const dir = mkdtempSync(join(tmpdir(), 'weir-chaos-'))
  const cluster = await startCluster({ dir, env, log: say })
  const journal = openJournal(join(dir, 'journal.jsonl'))
  const [officerKey] = cluster.secrets.officerKeys
  const view = {
    url: cluster.url,
    apiKey: cluster.secrets.apiKey,
    officerKey,
    internalToken: cluster.secrets.internalToken,
    services: cluster.urls,
    vkey: cluster.vkey,
    brokers: [cluster.broker.address],
    ledgerDir: cluster.ledgerDir,
    journal: journal.file,
  }
  const file = join(dir, 'view.json')
  writeFileSync(file, JSON.stringify(view), { mode: 0o600 })
  await registerWorld({ url: cluster.url, officerKey, journal })
  const checker = startChecker(file)
  const close = async ({ keep = false } = {}) => {
    checker.stop()
    await journal.close()
    await cluster.stop()
    if (keep) say(`  logs stay in ${dir}`)
    else rmSync(dir, { recursive: true, force: true })
  }
  return { dir, cluster, journal, officerKey, checker, close }
}

/** Of the settings of this process it gets none: neither the plan nor what is planted. */
function startChecker(view) {
  const child = spawn(process.execPath, [join(here, 'check.mjs'), view], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    settle: async (seconds) => {
      child.stdin.write(`settle ${seconds}\n`)
      const { value, done } = await lines.next()
      return done ? { error: 'the checker ended' } : JSON.parse(value)
    },
    stop: () => child.stdin.end(),
  }
}

async function oneRun(stage, { run, kind, strike = faults[kind], settleSeconds = 30 }) {
  const random = randomOf(Number(values.seed) * 1_000_003 + run)
  const { cluster, journal, officerKey } = stage
  await registerLicenses({ url: cluster.url, officerKey, journal, run: `${values.seed}-${run}` })
  const load = createLoad({ url: cluster.url, apiKey: cluster.secrets.apiKey, journal, run: `${values.seed}-${run}`, rate, random })
  say(`run ${run}: ${kind}`)
  const running = load.run(LOAD_SECONDS)
  await new Promise((done) => setTimeout(done, 3_000))
  const calm = load.samples.map(({ ms }) => ms).sort((a, b) => a - b)
  if (calm.length === 0) throw new Error('nothing is answered before anything was broken')
  const baseline = calm.at(Math.floor(calm.length * 0.99))
  const deaths = await strike({ cluster, load, random, say })
  const healedAt = performance.now()
  await running
  const recoveryMs = await recovery(load, { healedAt, limit: Math.max(2 * baseline, 500) })
  await load.finish(RECOVER_WITHIN_MS)
  await journal.flush()
  const seen = await stage.checker.settle(settleSeconds)
  const result = {
    run,
    seed: Number(values.seed),
    kind,
    requests: load.sent(),
    deaths,
    baselineMs: Math.round(baseline),
    recoveryMs,
    ...seen,
  }
  say(`  ${told(result)}`)
  return result
}

/** From the heal to the first of ten answers in a row that are as quick as before; undefined: not within the time. */
async function recovery(load, { healedAt, limit }) {
  for (;;) {
    const after = load.samples.filter(({ at }) => at >= healedAt).sort((a, b) => a.at - b.at)
    for (let n = 0; n + 10 <= after.length; n++) {
      if (after.slice(n, n + 10).every(({ ok, ms }) => ok && ms <= limit)) return Math.round(after[n].at + after[n].ms - healedAt)
    }
    if (performance.now() > healedAt + RECOVER_WITHIN_MS) return undefined
    await Promise.race([load.probe(), new Promise((done) => setTimeout(done, 2_000))])
  }
}

const brokenOf = ({ invariants = [] }) => invariants.filter(({ state }) => state === 'broken')
const failed = (result) => result.error !== undefined || brokenOf(result).length > 0 || result.recoveryMs === undefined

function told(result) {
  const broken = brokenOf(result).map(({ id, name, count, examples }) => `\n    ${id} ${name}: ${count}, e.g. ${examples.join(' | ')}`)
  const recovered = result.recoveryMs === undefined ? 'NOT back to baseline within 30 s' : `back after ${result.recoveryMs} ms`
  return `${result.requests} requests, ${result.deaths} kills that count, baseline p99 ${result.baselineMs} ms, ${recovered}; ${result.error ?? (broken.length === 0 ? 'all invariants hold' : `BROKEN:${broken.join('')}`)}`
}

async function campaign() {
  const kinds = values.only?.split(',') ?? Object.keys(faults).filter((kind) => kind !== 'none')
  for (const kind of kinds) if (!(kind in faults)) throw new Error(`no fault ${kind}: ${Object.keys(faults).join(', ')}`)
  const file = join(results, `seed-${values.seed}.jsonl`)
  mkdirSync(results, { recursive: true })
  if (!values.resume) rmSync(file, { force: true })
  const before = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : []
  const all = [...before]
  const deaths = () => all.reduce((sum, result) => sum + result.deaths, 0)
  const isOver = (run) => (values.kills === undefined ? run >= Number(values.runs) : deaths() >= Number(values.kills))
  if (isOver(before.length)) return all
  const stage = await openStage({})
  try {
    for (let run = before.length; !isOver(run); run++) {
      const result = await oneRun(stage, { run, kind: kinds[run % kinds.length] })
      all.push(result)
      appendFileSync(file, `${JSON.stringify(result)}\n`)
    }
  } finally {
    await stage.close({ keep: all.some(failed) })
  }
  return all
}

/** A way to make each planted fault do its harm. */
const plants = {
  'inbox-off': { service: 'gateway', point: 'after-relay:20' },
  'fence-off': { service: 'adjudication' },
  'offset-before-commit': { service: 'identity', point: 'after-handler:20' },
  'relay-before-commit': { service: 'gateway', point: 'before-commit:20' },
  'receipt-check-off': {},
  'index-gap': {},
  'balance-check-off': {},
}

async function tryPlants() {
  const missed = []
  const rows = []
  for (const plant of values.plant?.split(',') ?? Object.keys(plants)) {
    const { service, point } = plants[plant]
    const stage = await openStage({ WEIR_TEST_PLANT: plant })
    try {
      const strike = async (context) => {
        if (service === undefined) return 0
        const target = context.cluster.services[service]
        const before = target.deaths
        if (point !== undefined) target.arm({ WEIR_TEST_FAILPOINT: point })
        target.signal('SIGKILL')
        for (const end = performance.now() + 14_000; target.deaths < before + 2 && performance.now() < end;)
          await new Promise((next) => setTimeout(next, 100))
        return target.deaths - before
      }
      const result = await oneRun(stage, { run: 0, kind: plant, strike, settleSeconds: 12 })
      const caught = brokenOf(result)
      rows.push({ plant, caught: caught.map(({ id, name }) => `${id} (${name})`), example: caught[0]?.examples[0] ?? result.error })
      if (caught.length === 0) missed.push(plant)
    } finally {
      await stage.close()
    }
  }
  for (const { plant, caught, example } of rows)
    say(`${plant.padEnd(22)} ${caught.length === 0 ? 'NOT FOUND' : caught.join(', ')}\n${''.padEnd(23)}${example ?? ''}`)
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'plants.json'), JSON.stringify(rows, null, 2))
  if (missed.length > 0) process.exitCode = 1
}

if (values.plants || values.plant) await tryPlants()
else {
  const began = performance.now()
  const all = await campaign()
  say(faultTable(all))
  const deaths = all.reduce((sum, result) => sum + result.deaths, 0)
  say(
    `${all.length} runs, ${deaths} kills that count, ${Math.round((performance.now() - began) / 1000)} s; points: ${failpoints.join(', ')}; services: ${services.length}`,
  )
  if (all.some(failed)) process.exitCode = 1
}
if (values.report) writeReport(results)
