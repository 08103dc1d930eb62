import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { catalog, type EventData, type EventType } from '@weir/contracts'
import { openPostgresLog } from '@weir/messaging'
import { startService } from '@weir/service-host'
import { SampleLog, testDatabase, until } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { reportsService } from '../src/index.js'

const TOKEN = 'let-me-in'

export interface Told<T extends EventType = EventType> {
  readonly type: T
  readonly data: EventData<T>
  readonly key?: string
  readonly id?: string | undefined
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  readonly body: Record<string, unknown>
}

/** The service on a real database and the PostgreSQL log, beside a ledger that says what the spec wants. */
export interface HostedReports {
  readonly log: SampleLog
  /** built from the sources as they are now */
  readonly verifier: string
  readonly folder: string
  /** what the ledger answers from now on; undefined: the log's own checkpoint */
  ledgerSays(answer?: (response: ServerResponse) => void): void
  tell(events: readonly Told[]): Promise<void>
  /** until the service has handled everything that it was told */
  settled(): Promise<void>
  post(body: unknown, key?: string): Promise<Reply>
  get(path: string): Promise<Reply>
  /** what the service published */
  released(count: number): Promise<readonly EventData<'weir.report.released.v1'>[]>
  stop(): Promise<void>
}

export async function hostReports(env: Readonly<Record<string, string>> = {}): Promise<HostedReports> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reports-'))
  const verifier = join(folder, 'verify.mjs')
  const build = fileURLToPath(new URL('../../../../tools/build-verifier.mjs', import.meta.url))
  execFileSync(process.execPath, [build, verifier], { env: { ...process.env, NODE_OPTIONS: '' } })
  const log = new SampleLog()
  const ledger = await fakeLedger(log)
  const at = await testDatabase({ service: 'reports', migrations: reportsService.migrations })
  const logger = pino({ level: 'silent' })
  const transport = await openPostgresLog({ url: at.busUrl, logger })
  const service = await startService({
    definition: reportsService,
    transport,
    databaseUrl: at.url,
    env: { WEIR_REPORTS_LEDGER_VKEY: log.vkey, WEIR_REPORTS_VERIFIER_FILE: verifier, WEIR_REPORTS_WAIT_MS: '300', ...env },
    internal: { token: TOKEN, urls: { ledger: ledger.url } },
    host: '127.0.0.1',
    port: 0,
    logger,
    metrics: new Registry(),
  })
  const heard: EventData<'weir.report.released.v1'>[] = []
  const listener = await transport.consume({
    group: 'listener',
    topics: ['weir.reports'],
    onAssigned: (partitions) => Promise.resolve(partitions.map((partition) => ({ ...partition, nextOffset: 0n, epoch: 1 }))),
    onBatch: ({ messages }) => {
      heard.push(...messages.map(({ value }) => catalog['weir.report.released.v1'].schema.parse(JSON.parse(value ?? ''))))
      return Promise.resolve()
    },
  })
  const ask = async (path: string, init: RequestInit = {}): Promise<Reply> => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${TOKEN}`)
    headers.set('weir-actor', 'regulator-desk')
    const response = await fetch(`${service.url}${path}`, { ...init, headers })
    const bytes = Buffer.from(await response.arrayBuffer())
    const json = response.headers.get('content-type')?.includes('json') ?? false
    return { status: response.status, headers: response.headers, bytes, body: json ? (JSON.parse(bytes.toString()) as Reply['body']) : {} }
  }
  const told = new Set<string>()
  return {
    log,
    verifier,
    folder,
    ledgerSays: ledger.says,
    tell: async (events) => {
      const named = events.map((event) => ({ ...event, id: event.id ?? randomUUID() }))
      for (const { id } of named) told.add(id)
      await transport.publish(named.map(message))
    },
    settled: async () => {
      const done = async () => {
        const [row] = await at.database.query<{ count: string }>('select count(*) from inbox')
        return Number(row?.count) >= told.size
      }
      await until(done, { describe: `${told.size} events were handled` })
    },
    post: (body, key = randomUUID()) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      return ask('/v1/reports', { method: 'POST', headers, body: JSON.stringify(body) })
    },
    get: (path) => ask(path),
    released: (count) => until(() => (heard.length >= count ? [...heard] : undefined), { describe: `${count} reports were told of` }),
    stop: async () => {
      await listener.stop()
      await service.stop()
      await transport.close()
      await at.drop()
      await ledger.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function fakeLedger(log: SampleLog) {
  let answer: ((response: ServerResponse) => void) | undefined
  const honest = (response: ServerResponse) => {
    if (log.entries.length > 0) response.end(log.checkpoint())
    else response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"code":"not-in-the-log"}')
  }
  const server = createServer((request, response) => {
    const known = request.url === '/ledger/checkpoint' && request.headers.authorization === `Bearer ${TOKEN}`
    if (known) (answer ?? honest)(response)
    else response.writeHead(401).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    says: (next?: (response: ServerResponse) => void) => {
      answer = next
    },
    stop: () => new Promise((done) => server.close(done)),
  }
}

function message({ type, data, key = 'acme', id }: Told & { readonly id: string }) {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: `/weir/${catalog[type].owner}`,
    ce_subject: 'what it is about',
    ce_time: '2026-03-02T10:20:00.200Z',
    ce_partitionkey: key,
    'content-type': 'application/json',
  }
  return { topic: catalog[type].topic, key, headers, value: JSON.stringify(data) }
}
