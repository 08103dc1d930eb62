// A cluster under load, with a checker beside it, for as many runs as wanted.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startCluster } from './cluster.mjs'
import { createLoad, openJournal, registerLicenses, registerWorld } from './load.mjs'

export const RECOVER_WITHIN_MS = 30_000
const CALM_MS = 3_000
/** Requests, one after the other, before anything is measured. */
const WARM_UP = 10
const checkerFile = fileURLToPath(new URL('check.mjs', import.meta.url))

/** `env`: for every service, e.g. a planted fault; the checker gets none of it. */
export async function openStage({ env = {}, say }) {
  const dir = mkdtempSync(join(tmpdir(), 'weir-chaos-'))
  const cluster = await startCluster({ dir, env, log: say })
  const journal = openJournal(join(dir, 'journal.jsonl'))
  const { apiKey, officerKeys, internalToken } = cluster.secrets
  const view = {
    url: cluster.url,
    apiKey,
    officerKey: officerKeys[0],
    internalToken,
    services: cluster.urls,
    vkey: cluster.vkey,
    brokers: [cluster.broker.address],
    ledgerDir: cluster.ledgerDir,
    journal: journal.file,
  }
  const file = join(dir, 'view.json')
  writeFileSync(file, JSON.stringify(view), { mode: 0o600 })
  await registerWorld({ url: cluster.url, officerKey: officerKeys[0], journal })
  const checker = startChecker(file)
  const close = async ({ keep = false } = {}) => {
    checker.stop()
    await journal.close()
    await cluster.stop()
    if (keep) say(`  logs stay in ${dir}`)
    else rmSync(dir, { recursive: true, force: true })
  }
  const newLoad = async ({ name, rate, random, quantity }) => {
    await registerLicenses({ url: cluster.url, officerKey: officerKeys[0], journal, run: name, quantity })
    return createLoad({ url: cluster.url, keys: { api: apiKey, officers: officerKeys }, journal, run: name, rate, random })
  }
  return { cluster, journal, checker, newLoad, close }
}

/** Of the settings of this process it gets none: neither the plan nor what is planted. */
function startChecker(view) {
  const child = spawn(process.execPath, ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning', checkerFile, view], {
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

/** Load for `seconds`; calm first, then the strike; then the time to be well again, and what the checker finds. */
export async function oneRun(stage, { name, kind, strike, random, rate, seconds, quantity, settleSeconds = 30, say }) {
  const load = await stage.newLoad({ name, rate, random, quantity })
  for (let n = 0; n < WARM_UP; n++) await load.probe()
  const began = performance.now()
  const running = load.run(seconds)
  let measured
  try {
    await new Promise((done) => setTimeout(done, CALM_MS))
    const baseline = percentile99(load.samples.map(({ ms }) => ms))
    const struck = await strike({ cluster: stage.cluster, load, random, say, end: began + seconds * 1000 })
    const healedAt = performance.now()
    await running
    const recoveryMs = await recovery(load, { healedAt, limit: Math.max(2 * baseline, 500) })
    measured = { ...struck, baselineMs: Math.round(baseline), recoveryMs }
  } finally {
    await load.finish(RECOVER_WITHIN_MS)
  }
  await stage.journal.flush()
  const seen = await stage.checker.settle(settleSeconds)
  return { kind, requests: load.sent(), ...measured, fallen: stage.cluster.fallen(), ...seen }
}

const percentile99 = (times) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]

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

export const brokenOf = ({ invariants = [] }) => invariants.filter(({ state }) => state === 'broken')
export const failed = (result) =>
  result.error !== undefined || brokenOf(result).length > 0 || result.recoveryMs === undefined || result.fallen.length > 0

export function told(result) {
  const broken = brokenOf(result).map(({ id, name, count, examples }) => `\n    ${id} ${name}: ${count}, e.g. ${examples.join(' | ')}`)
  const recovered = result.recoveryMs === undefined ? 'NOT back to baseline within 30 s' : `back after ${result.recoveryMs} ms`
  const verdict = result.error ?? (broken.length === 0 ? 'all invariants hold' : `BROKEN:${broken.join('')}`)
  const fallen = result.fallen.map((why) => `\n    died by itself: ${why}`).join('')
  const left = result.unanswered > 0 ? `, ${result.unanswered} refused to the end` : ''
  return `${result.requests} requests, ${result.deaths} kills that count, baseline p99 ${result.baselineMs} ms, ${recovered}${left}; ${verdict}${fallen}`
}

/** mulberry32: the same seed, the same plan. */
export function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
