import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresLog, type OutgoingMessage, type Transport } from '@weir/messaging'
import { openDatabase, type Database } from '@weir/persistence'
import { startService, type ServiceHandle } from '@weir/service-host'
import { testDatabase, until, type TestDatabase } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { scopes } from '../src/inbound/api-keys.js'
import { gatewayService } from '../src/service.js'
import type { Requested } from './test-events.js'
import { TestLedger } from './test-ledger.js'

export const FULL_KEY = 'key-of-the-platform-team'
export const OTHER_KEY = 'key-of-another-platform'
export const READ_KEY = 'key-of-a-reader'

export interface Forwarded {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface BusMessage {
  readonly key: string
  readonly headers: Record<string, string>
  readonly value: string
}

/** The gateway on a real database and the PostgreSQL log; around it a ledger that signs and an owner that notes what it is asked. */
export class HostedGateway {
  readonly ledger = new TestLedger()
  readonly forwarded: Forwarded[] = []
  /** what the owner answers to `METHOD /path`; 201 otherwise */
  readonly ownerAnswers = new Map<string, { readonly status: number; readonly body: object; readonly after?: Promise<void> }>()
  readonly log: string[] = []
  /** true: the broker refuses what is published */
  brokerAway = false
  /** no batch is handled before it resolves */
  held: Promise<void> | undefined
  private readonly folder = mkdtempSync(join(tmpdir(), 'weir-gateway-'))
  private owner!: Server
  private at!: TestDatabase
  private bus!: Database
  private busLog!: Transport
  private service!: ServiceHandle

  static async start(env: Readonly<Record<string, string>> = {}): Promise<HostedGateway> {
    const hosted = new HostedGateway()
    await hosted.open(env)
    return hosted
  }

  get database(): Database {
    return this.at.database
  }
  get url(): string {
    return this.service.url
  }

  private async open(env: Readonly<Record<string, string>>): Promise<void> {
    this.at = await testDatabase({ service: 'gateway', migrations: gatewayService.migrations })
    const logger = pino({ level: 'warn' }, { write: (line: string) => void this.log.push(line) })
    this.busLog = await openPostgresLog({ url: this.at.busUrl, logger })
    this.bus = await openDatabase({ url: this.at.busUrl, name: 'bus', poolSize: 2 })
    this.owner = await ownerThatNotes(this.forwarded, this.ownerAnswers)
    this.service = await startService({
      definition: gatewayService,
      transport: this.fragile(),
      databaseUrl: this.at.url,
      env: { WEIR_GATEWAY_KEYS_FILE: this.keysFile(), WEIR_GATEWAY_LEDGER_VKEY: this.ledger.vkey, ...env },
      internal: {
        token: 'internal-token',
        urls: { identity: urlOf(this.owner), ledger: urlOf(this.owner), reports: 'http://127.0.0.1:9' },
      },
      host: '127.0.0.1',
      port: 0,
      logger,
      metrics: new Registry(),
    })
  }

  private fragile(): Transport {
    const log = this.busLog
    return {
      kind: log.kind,
      ensureTopics: (topics) => log.ensureTopics(topics),
      consume: (options) =>
        log.consume({
          ...options,
          onBatch: async (batch) => {
            await this.held
            return options.onBatch(batch)
          },
        }),
      trouble: () => log.trouble(),
      close: () => log.close(),
      publish: (messages) => (this.brokerAway ? Promise.reject(new Error('the broker is away')) : log.publish(messages)),
    }
  }

  private keysFile(): string {
    const file = join(this.folder, 'keys.json')
    const digest = (key: string) => createHash('sha256').update(key).digest('hex')
    const keys = [
      { name: 'platform', sha256: digest(FULL_KEY), scopes: [...scopes] },
      { name: 'other', sha256: digest(OTHER_KEY), scopes: [...scopes] },
      { name: 'reader', sha256: digest(READ_KEY), scopes: ['requests:read'] },
    ]
    writeFileSync(file, JSON.stringify(keys))
    return file
  }

  /** `key: ''` sends none */
  async send(path: string, init: RequestInit & { readonly key?: string } = {}) {
    const { key = FULL_KEY, headers, ...rest } = init
    const response = await fetch(`${this.url}${path}`, {
      ...rest,
      headers: {
        'content-type': 'application/json',
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...Object.fromEntries(new Headers(headers)),
      },
    })
    const text = await response.text()
    const body: unknown = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text
    return { status: response.status, headers: response.headers, body, text }
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.busLog.publish(messages)
  }

  messages(topic: string, type: string): Promise<BusMessage[]> {
    return this.bus.query<BusMessage>(
      `select key, headers, value from message where topic = $1 and headers ->> 'ce_type' = $2 order by stored_at, "offset"`,
      [topic, type],
    )
  }

  async requestedOf(match: (data: Requested) => boolean): Promise<(Requested & { readonly key: string })[]> {
    const found = await this.messages('weir.provisioning', 'weir.provisioning.requested.v1')
    return found.map(({ key, value }) => ({ ...(JSON.parse(value) as Requested), key })).filter(match)
  }

  /** The n-th ask of a request, once it is on its topic. */
  ask(match: (data: Requested) => boolean, ask = 1): Promise<Requested & { readonly key: string }> {
    return until(async () => (await this.requestedOf((data) => match(data) && data.ask === ask))[0], {
      describe: `ask ${ask} is published`,
    })
  }

  async moved(type: string, requestId: string): Promise<number> {
    const found = await this.messages('weir.provisioning', `weir.provisioning.${type}.v1`)
    return found.filter(({ value }) => (JSON.parse(value) as { requestId: string }).requestId === requestId).length
  }

  async stop(): Promise<void> {
    await this.service.stop()
    await this.bus.close()
    await this.busLog.close()
    await new Promise((done) => this.owner.close(done))
    await this.at.drop()
    rmSync(this.folder, { recursive: true })
  }
}

async function ownerThatNotes(forwarded: Forwarded[], answers: HostedGateway['ownerAnswers']): Promise<Server> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      forwarded.push({ method: request.method, url: request.url, headers: request.headers, body })
      const { status, body: answer, after } = answers.get(`${request.method} ${request.url}`) ?? { status: 201, body: { from: 'owner' } }
      void Promise.resolve(after).then(() =>
        response.writeHead(status, { 'content-type': 'application/json', etag: '"7"', 'x-internal': 'stays' }).end(JSON.stringify(answer)),
      )
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

function urlOf(server: Server): string {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the owner does not listen')
  return `http://127.0.0.1:${address.port}`
}
