// npm run bench [-- --rate 100 --seconds 20 --transports postgres-log,kafka]
//
// Latency of :decide including its receipt, beside the floor of the same run. Prints a table, writes results/latest.json.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { busMigrations } from '@weir/messaging'
import { provisionDatabase, startEmbeddedPostgres } from '@weir/persistence'
import { startLocalKafka } from '../tools/kafka.mjs'
import { startFloor } from './floor.mjs'
import { openLoop } from './open-loop.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    transports: { type: 'string', default: 'postgres-log,kafka' },
  },
})
const load = { rate: Number(values.rate), seconds: Number(values.seconds) }

/** Orders of one customer wait for each other, so the load comes from many, as the floor's does. */
const CUSTOMERS = 200
const tenantOf = (n) => ({ system: 'aws', id: `bench-${n}` })

async function registerCustomers({ url, officerKeys: [key] }) {
  for (let n = 0; n < CUSTOMERS; n++) {
    const owner = { partyId: `bench-owner-${n}`, name: `Bench Owner ${n}`, kind: 'person', sharePercent: 100 }
    const customer = { customerId: `bench-${n}`, name: `Bench Customer ${n}`, registeredIn: 'US', headquarters: 'US', noneAbove: true }
    const response = await fetch(`${url}/v1/customers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': `bench-customer-${n}` },
      body: JSON.stringify({ ...customer, tenants: [tenantOf(n)], owners: [owner] }),
    })
    if (!response.ok) throw new Error(`a bench customer was not registered: ${response.status} ${await response.text()}`)
  }
}

/** A clean ask of a customer: accelerators, all rules evaluated, approved. */
const ask = (n) => ({
  source: 'bench',
  sourceEventId: `bench-${process.pid}-${n}`,
  occurredAt: new Date().toISOString(),
  action: 'create',
  tenantRef: tenantOf(n % CUSTOMERS),
  enforcement: 'pre',
  provider: 'aws',
  region: { raw: 'us-west-2' },
  skus: [{ raw: 'p4d.24xlarge', count: 2 }],
  requestedCount: { min: 2, max: 2 },
  delivery: 'remote',
  endUse: { category: 'ai-inference' },
})

async function measureFloor(kind, brokers) {
  const dir = mkdtempSync(join(tmpdir(), 'weir-floor-'))
  const server = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), durable: true })
  try {
    const provisioned = await provisionDatabase({
      adminUrl: server.adminUrl,
      database: 'floor',
      services: [{ name: 'floor' }],
      bus: busMigrations,
    })
    const { ownerUrl } = provisioned.services.floor
    const floor = await startFloor({ kind, url: ownerUrl, busUrl: provisioned.bus.url, brokers, body: JSON.stringify(ask(0)) })
    try {
      return await openLoop({ ...load, url: floor.url, send: () => ({ body: JSON.stringify(ask(0)) }) })
    } finally {
      await floor.stop()
    }
  } finally {
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function measureWeir(kind, brokers) {
  const home = mkdtempSync(join(tmpdir(), 'weir-bench-'))
  const script = kind === 'kafka' ? 'tools/start-kafka.mjs' : 'services/embedded/dist/main.js'
  const env = {
    ...process.env,
    WEIR_HOME: home,
    WEIR_PORT: '0',
    WEIR_LOG_LEVEL: 'error',
    ...(brokers ? { WEIR_BROKERS: brokers.join(',') } : {}),
  }
  const child = spawn(process.execPath, [join(root, script)], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((done) => child.once('exit', done))
  try {
    const run = await runFile(join(home, 'run.json'), child)
    await registerCustomers(run)
    const { url, apiKey } = run
    const send = (n) => ({
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': `bench-${process.pid}-${n}`,
        prefer: 'wait=10',
      },
      body: JSON.stringify(ask(n)),
    })
    return await openLoop({ ...load, url: `${url}/v1/provisioning-requests:decide`, send })
  } finally {
    child.kill('SIGTERM')
    await ended
    rmSync(home, { recursive: true, force: true })
  }
}

async function runFile(file, child) {
  for (const end = performance.now() + 120_000; performance.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
    if (child.exitCode !== null) throw new Error(`Weir ended with ${child.exitCode} before it was ready`)
  }
  throw new Error('Weir was not ready within two minutes')
}

const ms = (value) => (value === undefined ? '-' : value.toFixed(1)).padStart(8)
const line = (name, { p50, p95, p99, max }) => `${name.padEnd(24)}${ms(p50)}${ms(p95)}${ms(p99)}${ms(max)}`

const results = []
for (const kind of values.transports.split(',')) {
  const kafka = kind === 'kafka' ? await startLocalKafka({ port: 0 }) : undefined
  try {
    process.stderr.write(`${kind}: floor, ${load.rate}/s for ${load.seconds} s ...\n`)
    const floor = await measureFloor(kind, kafka?.brokers)
    process.stderr.write(`${kind}: Weir ...\n`)
    const weir = await measureWeir(kind, kafka?.brokers)
    results.push({ transport: kind, floor, weir, ratio: { p50: weir.p50 / floor.p50, p99: weir.p99 / floor.p99 } })
  } finally {
    await kafka?.stop()
  }
}

console.log(
  `\n:decide including the receipt, open loop, ${load.rate} requests/s for ${load.seconds} s, ${cpus().length} cores, milliseconds`,
)
console.log(`${''.padEnd(24)}${'p50'.padStart(8)}${'p95'.padStart(8)}${'p99'.padStart(8)}${'max'.padStart(8)}`)
for (const { transport, floor, weir, ratio } of results) {
  console.log(line(`${transport} floor`, floor))
  console.log(line(`${transport} Weir`, weir))
  console.log(
    `${'  ratio'.padEnd(24)}${`${ratio.p50.toFixed(2)}x`.padStart(8)}${''.padStart(8)}${`${ratio.p99.toFixed(2)}x`.padStart(8)}   answers ${JSON.stringify(weir.answers)}`,
  )
}
// A request that waits for an officer passes other rules and writes other rows: its latency is not the one asked for.
const others = results.flatMap(({ weir }) => Object.keys(weir.answers)).filter((answer) => answer !== '200 approve')
if (others.length > 0) {
  console.error(`not every request was approved: ${[...new Set(others)].join(', ')}`)
  process.exitCode = 1
}
const folder = join(root, 'bench/results')
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'latest.json'),
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, cores: cpus().length, ...load, results }, null, 2)}\n`,
)
