import { createPublicKey, randomUUID, verify } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { catalog, type EventData, type EventType } from '@weir/contracts'
import { verifyReceipt } from '@weir/ledger-verifier'
import { openPostgresLog, type OutgoingMessage } from '@weir/messaging'
import { startService } from '@weir/service-host'
import { testDatabase, until } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { ensureLedgerKey, ledgerService } from '../src/index.js'
import { sha256 } from '../src/outbound/checkpoint-signer.js'

export const TOKEN = 'let-me-in'
const ORIGIN = 'weir.test/ledger'

type Recorded = EventData<'weir.entry.recorded.v1'>

/** The service on a real database and the PostgreSQL log, with whatever it publishes. */
export interface HostedLedger {
  readonly vkey: string
  readonly keyFile: string
  /** the log as files */
  readonly dir: string
  url(): string
  /** as the service's own database role */
  sql(statement: string): Promise<unknown>
  publish(messages: readonly OutgoingMessage[]): Promise<void>
  /** everything published so far, once there is so much */
  recorded(count: number): Promise<readonly Recorded[]>
  get(path: string): Promise<{ readonly status: number; readonly bytes: Buffer }>
  /** the checkpoint of the folder, once it has this size */
  files(size: number): Promise<string>
  /** files of the folder, sorted, with slashes */
  paths(): string[]
  /** codes of the faults that the service logged */
  logged(): readonly string[]
  restart(): Promise<void>
  stop(): Promise<void>
}

/** `keyFile`: another log's key, which no honest operator would use twice. */
export async function hostLedger(shared: { readonly keyFile?: string } = {}): Promise<HostedLedger> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-ledger-'))
  const [keyFile, dir] = [shared.keyFile ?? join(folder, 'ledger.pem'), join(folder, 'ledger')]
  const faults: string[] = []
  const logger = pino(
    { level: 'warn' },
    { write: (line) => void faults.push((JSON.parse(line) as { err?: { code?: string } }).err?.code ?? '') },
  )
  const vkey = ensureLedgerKey(keyFile, ORIGIN)
  const at = await testDatabase({ service: 'ledger', migrations: ledgerService.migrations })
  const transport = await openPostgresLog({ url: at.busUrl, logger })
  const start = () =>
    startService({
      definition: ledgerService,
      transport,
      databaseUrl: at.url,
      env: { WEIR_LEDGER_KEY_FILE: keyFile, WEIR_LEDGER_ORIGIN: ORIGIN, WEIR_LEDGER_DIR: dir },
      internal: { token: TOKEN, urls: {} },
      host: '127.0.0.1',
      port: 0,
      logger,
      metrics: new Registry(),
    })
  let service = await start()
  const heard: Recorded[] = []
  const listener = await transport.consume({
    group: 'listener',
    topics: ['weir.ledger'],
    onAssigned: (partitions) => Promise.resolve(partitions.map((partition) => ({ ...partition, nextOffset: 0n, epoch: 1 }))),
    onBatch: ({ messages }) => {
      const { schema } = catalog['weir.entry.recorded.v1']
      heard.push(...messages.map(({ value }) => schema.parse(JSON.parse(value ?? ''))))
      return Promise.resolve()
    },
  })
  return {
    vkey,
    keyFile,
    dir,
    url: () => service.url,
    sql: (statement) => at.database.query(statement),
    publish: (messages) => transport.publish(messages),
    recorded: (count) =>
      until(() => (heard.length >= count ? [...heard] : undefined), { describe: `${count} entries were recorded`, timeoutMs: 20_000 }),
    get: async (path) => {
      const response = await fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
    },
    files: (size) =>
      until(
        () => {
          const note = readFileSync(join(dir, 'checkpoint'), 'utf8')
          return note.split('\n')[1] === String(size) ? note : undefined
        },
        { describe: `the files show ${size} entries` },
      ),
    paths: () =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
        .sort(),
    logged: () => faults,
    restart: async () => {
      await service.stop()
      service = await start()
    },
    stop: async () => {
      await listener.stop()
      await service.stop()
      await transport.close()
      await at.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const samples = new URL('../../../../libs/contracts/samples/', import.meta.url)

/** The first published sample of a contract. */
export function sample<T extends EventType>(type: T): EventData<T> {
  const [file] = readdirSync(new URL(`${type}/`, samples)).sort()
  return catalog[type].schema.parse(JSON.parse(readFileSync(new URL(`${type}/${file}`, samples), 'utf8'))) as EventData<T>
}

interface Outgoing<T extends EventType> {
  readonly type: T
  readonly data: EventData<T>
  readonly key?: string
  readonly id?: string
}

export function message<T extends EventType>({ type, data, key = 'acme', id = randomUUID() }: Outgoing<T>): OutgoingMessage {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: '/weir/adjudication',
    ce_subject: 'what it is about',
    ce_time: '2026-03-02T10:20:00.200Z',
    ce_partitionkey: key,
    'content-type': 'application/json',
  }
  return { topic: catalog[type].topic, key, headers, value: JSON.stringify(data) }
}

/** Decisions of requests of their own, over several keys and so over several partitions. */
export function decisions(count: number): OutgoingMessage[] {
  const data = sample('weir.decision.made.v1')
  return Array.from({ length: count }, (_, n) =>
    message({ type: 'weir.decision.made.v1', data: { ...data, requestId: randomUUID() }, key: `customer-${n % 7}` }),
  )
}

const prefix = Buffer.from('302a300506032b6570032100', 'hex')
const verifyEd25519 = (key: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean =>
  verify(null, text, createPublicKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'spki' }), signature)

export const proven = ({ entry, receipt }: Recorded, vkey: string) =>
  verifyReceipt({ receipt, entry: Buffer.from(entry, 'utf8'), vkey }, { sha256, verifyEd25519 })
