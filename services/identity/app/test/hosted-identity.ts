import { randomUUID } from 'node:crypto'
import { catalog, type EventData, type EventType } from '@weir/contracts'
import {
  createMessageRuntime,
  type MessageRuntime,
  type NewEvent,
  type Received,
  type Transport,
  type UnitOfWorkRunner,
} from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { startService, type ServiceHandle } from '@weir/service-host'
import { testDatabase } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { isObservable, lastValueFrom } from 'rxjs'
import { identityService } from '../src/service.js'

type Requested = EventData<'weir.provisioning.requested.v1'>

/** Runs the service on a real database and takes its events instead of sending them. */
export interface HostedIdentity {
  readonly database: Database
  /** what was committed since the last call, parsed with its contract */
  events(): NewEvent[]
  ask(requests: readonly { readonly key: string; readonly data: Requested }[]): Promise<void>
  send(path: string, init?: RequestInit & { readonly key?: string }): Promise<{ readonly status: number; readonly body: unknown }>
  restart(env: Readonly<Record<string, string>>): Promise<void>
  stop(): Promise<void>
}

const idleTransport: Transport = {
  kind: 'postgres-log',
  ensureTopics: () => Promise.resolve(),
  publish: () => Promise.resolve(),
  consume: () => Promise.reject(new Error('not used')),
  trouble: () => undefined,
  close: () => Promise.resolve(),
}

/** Commits, and only then shows what was emitted. */
function recordingUnits(database: Database, committed: NewEvent[]): UnitOfWorkRunner {
  return {
    outboxDepth: () => 0,
    run: async (_, work) => {
      const emitted: NewEvent[] = []
      const result = await database.inTransaction(async (tx) => {
        const [clock] = await tx.query<{ now: Date }>('select now()')
        return await work({ tx, now: clock?.now ?? new Date(0), emit: (event) => void emitted.push(event), afterCommit: () => undefined })
      })
      for (const event of emitted) catalog[event.type].schema.parse(JSON.parse(JSON.stringify(event.data)))
      committed.push(...emitted)
      return result
    },
  }
}

export async function hostIdentity(): Promise<HostedIdentity> {
  const at = await testDatabase({ service: 'identity', migrations: identityService.migrations })
  const committed: NewEvent[] = []
  const unitOfWork = recordingUnits(at.database, committed)
  let strategy: MessageRuntime['strategy'] | undefined
  const start = async (env: Readonly<Record<string, string>>): Promise<ServiceHandle> => {
    return await startService({
      definition: identityService,
      transport: idleTransport,
      databaseUrl: at.url,
      env,
      internal: { token: 'let-me-in', urls: {} },
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
      createRuntime: (options) => {
        const runtime = createMessageRuntime(options)
        strategy = runtime.strategy
        return {
          strategy: runtime.strategy,
          unitOfWork,
          start: () => Promise.resolve(),
          drain: () => Promise.resolve(),
          trouble: () => undefined,
          outboxAgeMs: () => 0,
          lag: () => Promise.resolve([]),
          redrive: () => Promise.resolve(0),
          republish: () => Promise.resolve(0),
          skipGap: () => Promise.resolve(undefined),
        }
      },
    })
  }
  let service = await start({})
  return {
    database: at.database,
    events: () => committed.splice(0),
    ask: (requests) =>
      unitOfWork.run('weir.provisioning.requested.v1', async (unit) => {
        const handler = strategy?.getHandlerByPattern('weir.provisioning.requested.v1')
        if (!handler) throw new Error('nobody handles what was asked')
        const result: unknown = await handler(requests.map(received), unit)
        if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined })
      }),
    send: async (path, init = {}) => {
      const response = await fetch(`${service.url}${path}`, { ...init, headers: headersOf(init) })
      return { status: response.status, body: await response.json() }
    },
    restart: async (env) => {
      await service.stop()
      service = await start(env)
    },
    stop: async () => {
      await service.stop()
      await at.drop()
    },
  }
}

const received = ({ key, data }: { readonly key: string; readonly data: Requested }): Received<'weir.provisioning.requested.v1'> => ({
  id: randomUUID(),
  type: 'weir.provisioning.requested.v1',
  source: '/weir/gateway',
  subject: data.requestId,
  key,
  time: data.receivedAt,
  data,
})

function headersOf(init: RequestInit & { readonly key?: string }): Headers {
  const headers = new Headers(init.headers)
  headers.set('authorization', 'Bearer let-me-in')
  headers.set('weir-actor', 'officer@example.test')
  if (init.body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
  if (init.method === 'POST') headers.set('idempotency-key', init.key ?? randomUUID())
  return headers
}

export const eventsOf = <T extends EventType>(events: readonly NewEvent[], type: T): NewEvent<T>[] =>
  events.filter((event): event is NewEvent<T> => event.type === type)
