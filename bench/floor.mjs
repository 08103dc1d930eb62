// The floor under a decision: the same produces, consumes and commits as Weir's path, and no work in them.
//
// Stages: gateway (HTTP, commit, publish) -> identity | classification -> adjudication (joins both) -> ledger -> gateway.
// On the PostgreSQL log all stages share one process; on Kafka each has its own, as Weir's services have.
// `floor.mjs --serve` is a process of its own beside the load's, so that neither takes the other's event loop.
import { fork } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { busMigrations, createKafkaTransport, openPostgresLog } from '@weir/messaging'
import { provisionDatabase, startEmbeddedPostgres } from '@weir/persistence'
import pg from 'pg'

const logger = { debug() {}, info() {}, warn() {}, error: console.error, fatal: console.error, child: () => logger }

/** What each stage reads, and where it writes to. */
const stages = {
  identity: { reads: ['floor.provisioning'], writes: 'floor.identity' },
  classification: { reads: ['floor.provisioning'], writes: 'floor.classification' },
  adjudication: { reads: ['floor.provisioning', 'floor.identity', 'floor.classification'], writes: 'floor.decisions', joins: true },
  ledger: { reads: ['floor.decisions'], writes: 'floor.ledger' },
  gateway: { reads: ['floor.decisions', 'floor.ledger'], writes: undefined },
}
const topics = ['floor.provisioning', 'floor.identity', 'floor.classification', 'floor.decisions', 'floor.ledger']

async function openFloorTransport({ kind, busUrl, brokers }) {
  if (kind === 'postgres-log') return openPostgresLog({ url: busUrl, logger })
  return createKafkaTransport({ brokers, clientId: 'floor', logger })
}

async function createFloorTables(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('create table if not exists floor (stage text, id text, topic text, at timestamptz default now())')
  await client.end()
}

/** The server may end before the last idle connection does. */
const openPool = (url, max) => new pg.Pool({ connectionString: url, max }).on('error', () => undefined)

/** One commit per batch, as the runtime has it. */
async function commit(pool, stage, rows) {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('insert into floor (stage, id, topic) select $1, i, t from unnest($2::text[], $3::text[]) as r (i, t)', [
      stage,
      rows.map((row) => row.id),
      rows.map((row) => row.topic),
    ])
    await client.query('commit')
  } finally {
    client.release()
  }
}

async function runStage(name, { transport, url, onDone }) {
  const { reads, writes, joins } = stages[name]
  const pool = openPool(url, 4)
  const joined = new Map()
  const consumer = await transport.consume({
    group: `floor.${name}`,
    topics: reads,
    onAssigned: async (partitions) => partitions.map((partition) => ({ ...partition, nextOffset: 0n, epoch: 1 })),
    onBatch: async ({ topic, messages }) => {
      await commit(
        pool,
        name,
        messages.map(({ key }) => ({ id: key, topic })),
      )
      const on = messages.filter(({ key }) => !joins || complete(joined, key, topic))
      if (writes) await transport.publish(on.map(({ key, value }) => ({ topic: writes, key, headers: {}, value })))
      else if (topic === 'floor.ledger') for (const { key } of messages) onDone(key)
    },
  })
  return async () => {
    await consumer.stop()
    await pool.end()
  }
}

function complete(joined, key, topic) {
  const seen = joined.get(key) ?? new Set()
  joined.set(key, seen.add(topic))
  return seen.size === 3 && joined.delete(key)
}

/** Starts all stages; answers the URL that takes a POST per request. */
async function startFloor({ kind, url, busUrl, brokers }) {
  await createFloorTables(url)
  const transport = await openFloorTransport({ kind, busUrl, brokers })
  await transport.ensureTopics(topics)
  const waiting = new Map()
  const onDone = (key) => waiting.get(key)?.()
  const stops = []
  for (const name of Object.keys(stages)) {
    const alone = kind === 'kafka' && name !== 'gateway'
    stops.push(await (alone ? forkStage(name, { kind, url, brokers }) : runStage(name, { transport, url, onDone })))
  }
  const pool = openPool(url, 8)
  const server = createServer(entrance({ pool, transport, waiting }))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    for (const end of stops) await end()
    await pool.end()
    await transport.close()
  }
  return { url: `http://127.0.0.1:${server.address().port}`, stop }
}

/** Every request waits until it went through all stages. */
function entrance({ pool, transport, waiting }) {
  let count = 0
  return async (request, response) => {
    let value = ''
    for await (const chunk of request.setEncoding('utf8')) value += chunk
    const key = `r${process.pid}-${count++}`
    const done = new Promise((resolve) => waiting.set(key, resolve))
    await commit(pool, 'http', [{ id: key, topic: '' }])
    await transport.publish([{ topic: 'floor.provisioning', key, headers: {}, value }])
    await done
    waiting.delete(key)
    response.setHeader('content-type', 'application/json')
    response.end('{"outcome":"approve"}')
  }
}

function forkStage(name, options) {
  const child = fork(fileURLToPath(import.meta.url), ['--stage', name, JSON.stringify(options)])
  return new Promise((resolve, reject) => {
    child.once('message', () =>
      resolve(async () => {
        const ended = new Promise((done) => child.once('exit', done))
        child.kill('SIGTERM')
        await ended
      }),
    )
    child.once('exit', (code) => reject(new Error(`stage ${name} ended with ${code}`)))
  })
}

/** `{ dir, kind, brokers }`: with a PostgreSQL of its own in `dir`, and `run.json` there once it serves. */
async function serve({ dir, kind, brokers }) {
  const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), durable: true })
  const { services, bus } = await provisionDatabase({
    adminUrl: postgres.adminUrl,
    database: 'floor',
    services: [{ name: 'floor' }],
    bus: busMigrations,
  })
  const floor = await startFloor({ kind, url: services.floor.ownerUrl, busUrl: bus.url, brokers })
  process.once('SIGTERM', async () => {
    await floor.stop()
    await postgres.stop()
    process.exit(0)
  })
  writeFileSync(join(dir, 'run.json.new'), JSON.stringify({ url: floor.url, pid: process.pid }))
  renameSync(join(dir, 'run.json.new'), join(dir, 'run.json'))
}

const [, , mode, ...words] = process.argv
if (mode === '--serve') await serve(JSON.parse(words[0]))
if (mode === '--stage') {
  const options = JSON.parse(words[1])
  const transport = await openFloorTransport(options)
  await runStage(words[0], { transport, url: options.url, onDone: () => undefined })
  process.once('SIGTERM', () => process.exit(0))
  process.send('ready')
}
