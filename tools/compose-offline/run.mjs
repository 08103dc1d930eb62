/**
 * `npm run compose:offline [-- stack] [suites] [--home FOLDER] [--mirror URL] [--clean]`: docker-compose.yml tried for
 * real where no image can be pulled. README.md says what it does and needs. Exit code 1: something failed; 2: something
 * has to be installed first.
 */
import { mkdirSync, rmSync, writeFileSync, readFileSync, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startEngine } from './engine.mjs'
import { makeImages } from './images.mjs'
import { lacking, Lacking } from './needs.mjs'
import { endRunning } from './run-command.mjs'
import { tryStack } from './stack.mjs'
import { runSuites } from './suites.mjs'

const PARTS = ['stack', 'suites']
const began = Date.now()
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`
const print = (line) => void process.stdout.write(`${line}\n`)
const say = (line) => print(`     ${line}`)

function settings() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      home: { type: 'string', default: join(cache, 'weir-compose-offline') },
      mirror: { type: 'string', default: 'http://deb.debian.org/debian' },
      clean: { type: 'boolean', default: false },
    },
  })
  const unknown = positionals.filter((part) => !PARTS.includes(part))
  if (unknown.length > 0) throw new Lacking([`no part is called ${unknown.join(', ')}; there are: ${PARTS.join(', ')}`])
  return { ...values, home: resolve(values.home), parts: positionals.length === 0 ? PARTS : positionals }
}

/** Prints a line before and after; what `make` gives back, a text being the reason that it was quick. */
async function step(name, make) {
  const since = Date.now()
  print(`  .. ${name}`)
  const result = await make().catch((error) => {
    print(`  -- ${name}: failed after ${seconds(since)}`)
    throw error
  })
  print(`  ok ${name}${typeof result === 'string' ? ` (${result})` : ''}, ${seconds(since)}`)
  return result
}

/** One run at a time per folder; a claim whose process died is void. */
function claim(home) {
  const file = join(home, 'run.pid')
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (holder > 0 && existsSync(`/proc/${holder}`)) throw new Error(`${home} is in use by process ${holder}`)
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

async function main({ home, mirror, parts, clean }) {
  const missing = lacking()
  if (missing.length > 0) throw new Lacking(missing)
  mkdirSync(home, { recursive: true, mode: 0o711 })
  const release = claim(home)
  const logs = join(home, 'run.log')
  writeFileSync(logs, '')
  print(`State and images: ${home} (--clean removes it); what the commands print: ${logs}`)
  let engine
  try {
    engine = await step('a Docker engine in a network of its own', () => startEngine({ home, logs, log: join(home, 'engine.log') }))
    const names = await makeImages(engine, { home, mirror, step })
    print('  The images of PostgreSQL, Kafka and Node are stand-ins made here, under the names of the official ones.')
    if (parts.includes('stack')) await tryStack(engine, { home, step, say })
    if (parts.includes('suites')) await step('integration suites on containers', () => runSuites(engine, { names, say }))
  } finally {
    if (engine !== undefined) await step('the engine ends', () => engine.stop())
    release()
  }
  if (clean) rmSync(home, { recursive: true, force: true })
}

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    // What runs fails; what was started is ended in order.
    interrupted = true
    endRunning()
  })

try {
  await main(settings())
  print(`All of it worked, in ${seconds(began)}.`)
} catch (error) {
  process.stderr.write(`${interrupted ? 'interrupted' : error.message}\n`)
  process.exitCode = error instanceof Lacking ? 2 : 1
}
