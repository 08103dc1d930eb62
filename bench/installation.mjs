// Starts what is measured, each time in a folder of its own that goes with it.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { componentsOf, wordsOf } from './processes.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const READY_WITHIN_MS = 120_000
const STOP_WITHIN_MS = 30_000

/** PostgreSQL runs as another user where this one is root, and has to reach its folder. */
export function makeHome() {
  const home = mkdtempSync(join(tmpdir(), 'weir-bench-'))
  chmodSync(home, 0o711)
  return home
}

export const removeHome = (home) => rmSync(home, { recursive: true, force: true })

/**
 * Weir as users start it: one process on the PostgreSQL log, a process per service on Kafka, whose broker is `{ brokers, pid }`. `env` is
 * added to its environment. `asUsersDo`: by way of what npm runs, which looks whether all is installed and built.
 */
export async function startWeir({ kind, broker, home, env = {}, asUsersDo = false }) {
  const script = kind === 'kafka' ? 'tools/start-kafka.mjs' : 'services/embedded/dist/main.js'
  const words = asUsersDo ? [join(root, 'tools/run.mjs'), script] : ['--enable-source-maps', join(root, script)]
  const installation = await launch({
    words: [...words, '--no-demo'],
    broker,
    home,
    env: {
      WEIR_HOME: home,
      WEIR_PORT: '0',
      WEIR_LOG_LEVEL: 'error',
      // Without a list every request would wait for an officer.
      WEIR_IDENTITY_LIST_FILE: join(root, 'demo/screening-list.csv'),
      ...(broker === undefined ? {} : { WEIR_BROKERS: broker.brokers.join(',') }),
      ...env,
    },
    rest: kind === 'kafka' ? 'launcher' : 'services',
  })
  const { url, apiKey, officerKeys } = installation.run
  return { ...installation, kind, url, apiKey, officerKey: officerKeys[0], decideUrl: `${url}/v1/provisioning-requests:decide` }
}

export async function startFloor({ kind, broker, home }) {
  const words = [join(root, 'bench/floor.mjs'), '--serve', JSON.stringify({ dir: home, kind, brokers: broker?.brokers })]
  const installation = await launch({ words, broker, home, env: {}, rest: 'floor' })
  return { ...installation, kind, decideUrl: `${installation.run.url}/` }
}

async function launch({ words, broker, home, env, rest }) {
  const began = performance.now()
  const child = spawn(process.execPath, words, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((done) => child.once('exit', done))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-20_000)))
  const killAtExit = () => child.kill('SIGTERM')
  process.once('exit', killAtExit)
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await ended
    clearTimeout(timer)
    process.off('exit', killAtExit)
  }
  try {
    const run = await runFile(join(home, 'run.json'), { child, said: () => said })
    const components = () => ({ ...componentsOf(child.pid, rest), ...(broker === undefined ? {} : { broker: [broker.pid] }) })
    return { run, home, stop, components, readyAfterMs: performance.now() - began, began, said: () => said }
  } catch (error) {
    await stop()
    throw error
  }
}

async function runFile(file, { child, said }) {
  for (const end = performance.now() + READY_WITHIN_MS; performance.now() < end; await new Promise((next) => setTimeout(next, 20))) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
    if (child.exitCode !== null) throw new Error(`what is measured ended with ${child.exitCode} before it was ready:\n${said()}`)
  }
  throw new Error(`what is measured was not ready within ${READY_WITHIN_MS / 1000} s:\n${said()}`)
}

/** As PostgreSQL's superuser; the password lies in the home, the port stands in the server's command line. */
export async function asAdministrator({ home, components }, database, work) {
  const words = (components().database ?? []).map(wordsOf).find((line) => line.includes('-D'))
  const port = words?.find((word) => word.startsWith('port='))?.slice(5)
  if (port === undefined) throw new Error('the port of PostgreSQL is only found on Linux')
  const password = readFileSync(join(home, 'postgres.password'), 'utf8').trim()
  const client = new pg.Client({ host: '127.0.0.1', port: Number(port), user: 'postgres', password, database })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
