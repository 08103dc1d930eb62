import type { Transport } from '@weir/messaging'
import type { SchemaUrls } from '@weir/persistence'
import { pino, type Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Environment } from './service-config.js'
import type { ServiceDefinition } from './service-definition.js'
import { startService, type ServiceHandle } from './start-service.js'

export interface RunTogetherOptions {
  readonly definitions: readonly ServiceDefinition[]
  readonly transport: Transport
  /** per service name; with `ownerUrl` the host migrates */
  readonly databaseUrls: Readonly<Record<string, string | SchemaUrls>>
  readonly env: Environment
  readonly internalToken: string
  /** per service name; absent or 0: any free one */
  readonly ports?: Readonly<Record<string, number>>
  /** of the gateway; every other service listens on loopback */
  readonly host?: string
  readonly poolSize?: number
  readonly logger?: Logger
}

export interface TogetherHandle {
  readonly services: Readonly<Record<string, ServiceHandle>>
  /** All services side by side; the transport stays open, it is the caller's. */
  stop(): Promise<void>
}

/**
 * Several services in this process, one container each, after those that they read; the gateway comes last. `deps.internal`
 * tells each the URLs that it may know, and the internal token.
 */
export async function runTogether(options: RunTogetherOptions): Promise<TogetherHandle> {
  const logger = options.logger ?? pino({ level: options.env['WEIR_LOG_LEVEL'] ?? 'info' })
  const services: Record<string, ServiceHandle> = {}
  const start = async (definition: ServiceDefinition) => {
    services[definition.name] = await startService(optionsOf(definition, { options, services, logger }))
  }
  const stop = async () => {
    const { gateway, ...others } = services
    await gateway?.stop()
    await Promise.all(Object.values(others).map((service) => service.stop()))
  }
  const others = options.definitions.filter((definition) => definition.name !== 'gateway')
  const startAll = async (definitions: readonly ServiceDefinition[]) => {
    const started = await Promise.allSettled(definitions.map(start))
    const failed = started.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  try {
    await startAll(others.filter(({ reads = [] }) => reads.length === 0))
    await startAll(others.filter(({ reads = [] }) => reads.length > 0))
    for (const definition of options.definitions) if (definition.name === 'gateway') await start(definition)
  } catch (error) {
    await stop()
    throw error
  }
  return { services, stop }
}

function optionsOf(
  definition: ServiceDefinition,
  run: { readonly options: RunTogetherOptions; readonly services: Readonly<Record<string, ServiceHandle>>; readonly logger: Logger },
) {
  const { options } = run
  const database = options.databaseUrls[definition.name]
  if (database === undefined) throw new Error(`databaseUrls lacks ${definition.name}`)
  const isGateway = definition.name === 'gateway'
  return {
    definition,
    transport: options.transport,
    ...(typeof database === 'string' ? { databaseUrl: database } : { databaseUrl: database.url, ownerUrl: database.ownerUrl }),
    ...(options.poolSize === undefined ? {} : { poolSize: options.poolSize }),
    env: options.env,
    internal: {
      token: options.internalToken,
      urls: Object.fromEntries(
        Object.values(run.services)
          .filter(({ name }) => isGateway || definition.reads?.some((read) => read === name))
          .map(({ name, url }) => [name, url]),
      ),
    },
    host: isGateway ? (options.host ?? '127.0.0.1') : '127.0.0.1',
    port: options.ports?.[definition.name] ?? 0,
    logger: run.logger.child({ service: definition.name }),
    metrics: new Registry(),
  }
}
