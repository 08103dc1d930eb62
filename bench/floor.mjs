// The floor under a decision: the same produces, consumes and commits as Weir's path, and no work in them.
//
// Stages: gateway (HTTP, commit, publish) -> identity | classification -> adjudication (joins both) -> ledger -> gateway.
// On the PostgreSQL log all stages share one process; on Kafka each has its own, as Weir's services have.
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createKafkaTransport, openPostgresLog } from '@weir/messaging'
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

export async function openFloorTransport({ kind, busUrl, brokers }) {
  if (kind === 'postgres-log') return openPostgresLog({ url: busUrl, logger })
  return createKafkaTransport({ brokers, clientId: 'floor', logger })
}

export async function createFloorTables(url) {
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
export async function startFloor({ kind, url, busUrl, brokers, body }) {
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
  let count = 0
  const server = createServer(async (request, response) => {
    for await (const chunk of request) void chunk
    const key = `r${process.pid}-${count++}`
    const done = new Promise((resolve) => waiting.set(key, resolve))
    await commit(pool, 'http', [{ id: key, topic: '' }])
    await transport.publish([{ topic: 'floor.provisioning', key, headers: {}, value: body }])
    await done
    waiting.delete(key)
    response.end('{}')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    for (const end of stops) await end()
    await pool.end()
    await transport.close()
  }
  return { url: `http://127.0.0.1:${server.address().port}/`, stop }
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

if (process.argv[2] === '--stage') {
  const options = JSON.parse(process.argv[4])
  const transport = await openFloorTransport(options)
  await runStage(process.argv[3], { transport, url: options.url, onDone: () => undefined })
  process.once('SIGTERM', () => process.exit(0))
  process.send('ready')
}
