import { randomUUID } from 'node:crypto'
import { catalog, routes, type EventData, type EventType } from '@weir/contracts'
import { openPostgresLog, type OutgoingMessage } from '@weir/messaging'
import { openDatabase, type Database } from '@weir/persistence'
import { startService } from '@weir/service-host'
import { testDatabase, until } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { adjudicationService } from '../src/service.js'

const TOKEN = 'internal-token'

export type Decision = EventData<'weir.decision.made.v1'>

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Command {
  readonly officer?: string
  /** of idempotency; absent: a new one, '' sends none */
  readonly key?: string
  readonly body?: unknown
}

/** The service on a real database and the PostgreSQL log, with whatever it publishes. */
export interface HostedAdjudication {
  /** as the service's own database role */
  readonly database: Database
  publish(messages: readonly OutgoingMessage[]): Promise<void>
  /** what was published of a type so far, in order per key */
  events<T extends EventType>(type: T): Promise<readonly EventData<T>[]>
  /** of one request, in order */
  decisions(requestId: string): Promise<readonly Decision[]>
  /** once it is published */
  decided(requestId: string, revision?: number): Promise<Decision>
  get(path: string): Promise<Answer>
  post(path: string, command?: Command): Promise<Answer>
  restart(env?: Readonly<Record<string, string>>): Promise<void>
  /** messages that were set aside */
  parked(): Promise<number>
  stop(): Promise<void>
}

export async function hostAdjudication(env: Readonly<Record<string, string>> = {}): Promise<HostedAdjudication> {
  const at = await testDatabase({ service: 'adjudication', migrations: adjudicationService.migrations })
  const logger = pino({ level: 'silent' })
  const transport = await openPostgresLog({ url: at.busUrl, logger })
  const bus = await openDatabase({ url: at.busUrl, name: 'bus', poolSize: 2 })
  const start = (settings: Readonly<Record<string, string>>) =>
    startService({
      definition: adjudicationService,
      transport,
      databaseUrl: at.url,
      env: { WEIR_ADJUDICATION_SWEEP_MS: '20', ...settings },
      internal: { token: TOKEN, urls: {} },
      host: '127.0.0.1',
      port: 0,
      logger,
      metrics: new Registry(),
    })
  const close = async () => {
    await bus.close()
    await transport.close()
    await at.drop()
  }
  let service = await start(env).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const events = async <T extends EventType>(type: T): Promise<readonly EventData<T>[]> => {
    const rows = await bus.query<{ value: string }>(
      `select value from message where topic = $1 and headers ->> 'ce_type' = $2 order by partition, "offset"`,
      [catalog[type].topic, type],
    )
    return rows.map(({ value }) => catalog[type].schema.parse(JSON.parse(value)) as EventData<T>)
  }
  const decisions = async (requestId: string) =>
    (await events('weir.decision.made.v1')).filter((one) => one.requestId === requestId).sort((a, b) => a.revision - b.revision)
  const call = async (method: string, path: string, { officer = 'officer-1', key = randomUUID(), body }: Command): Promise<Answer> => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'weir-actor': officer,
        'weir-scopes': '',
        ...(key === '' || method === 'GET' ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const told: unknown = await response.json()
    const answer = { status: response.status, body: told }
    if (response.ok) asPublished(`${method} ${path}`, answer)
    return answer
  }
  return {
    database: at.database,
    publish: (messages) => transport.publish(messages),
    events,
    decisions,
    decided: (requestId, revision = 1) =>
      until(async () => (await decisions(requestId)).find((one) => one.revision === revision), {
        describe: `revision ${revision} of ${requestId} is published`,
      }),
    get: (path) => call('GET', path, {}),
    post: (path, command = {}) => call('POST', path, command),
    restart: async (settings = env) => {
      await service.stop()
      service = await start(settings)
    },
    parked: async () => (await at.database.query('select from parked')).length,
    stop: async () => {
      await service.stop()
      await close()
    },
  }
}

/** Throws where a success is not what the published interface promises. */
function asPublished(operation: string, { status, body }: Answer): void {
  const [called = ''] = operation.split('?')
  const route = routes.find(({ method, path }) => new RegExp(`^${`${method} ${path}`.replaceAll(/\/:\w+/g, '/[^/:]+')}$`).test(called))
  const promised = route?.responses[status]
  if (promised === undefined || typeof promised === 'string') throw new Error(`${operation} is not published with ${status}`)
  promised.parse(body)
}

export const outcomeOf = ({ sections }: Decision) => sections.outcome.value.outcome
export const codesOf = ({ sections }: Decision): readonly string[] => sections.outcome.value.reasons.map(({ code }) => code)
