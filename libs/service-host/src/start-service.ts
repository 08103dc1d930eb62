import 'reflect-metadata'
import type { Server as HttpServer } from 'node:http'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { catalog } from '@weir/contracts'
import { createMessageRuntime, messagingMigrations, type MessageRuntime, type MessageRuntimeOptions, type Transport } from '@weir/messaging'
import { migrate, openDatabase, type Database } from '@weir/persistence'
import express from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { startJobs } from './job-runner.js'
import { NestLogger } from './nest-logger.js'
import { internalOnly, operationsRoutes } from './operations.js'
import { parkingOf } from './parking.js'
import { ProblemFilter, sendProblem } from './problem-filter.js'
import { problemOf } from './problem-of.js'
import { measureLoad } from './service-load.js'
import { parseServiceConfig, type Environment } from './service-config.js'
import type { InternalAccess, ServiceDefinition, ServiceDeps } from './service-definition.js'
import type { ServiceTracing } from './service-tracing.js'
import { openTracing } from './tracing.js'

export interface StartOptions {
  readonly definition: ServiceDefinition
  readonly transport: Transport
  readonly databaseUrl: string
  /** of the schema's owner; absent: somebody else migrates */
  readonly ownerUrl?: string
  readonly poolSize?: number
  readonly env: Environment
  readonly internal: InternalAccess
  readonly host: string
  readonly port: number
  readonly logger: Logger
  readonly metrics: Registry
  /** another runtime than that of @weir/messaging */
  readonly createRuntime?: (options: MessageRuntimeOptions) => MessageRuntime
}

export interface ServiceHandle {
  readonly name: string
  /** base URL, no trailing slash */
  readonly url: string
  readonly metrics: Registry
  /** Stops HTTP, then consuming, publishes the outbox, closes. Later calls wait for the first. */
  stop(): Promise<void>
}

const bodyLimit = '256kb'
const drainMs = 10_000

/** One service with its own container; rejects without leftovers when any step fails. */
export async function startService(options: StartOptions): Promise<ServiceHandle> {
  const { definition, logger, metrics } = options
  const config = parseServiceConfig(definition, options.env)
  if (options.ownerUrl !== undefined) {
    const migrations = [...messagingMigrations, ...definition.migrations]
    await migrate({ ownerUrl: options.ownerUrl, schema: definition.name, migrations })
  }
  const database = await openDatabase({
    url: options.databaseUrl,
    name: definition.name,
    entities: definition.entities,
    ...(options.poolSize === undefined ? {} : { poolSize: options.poolSize }),
  })
  const closing: (() => Promise<void>)[] = [() => database.close()]
  const stop = async () => {
    for (const close of closing.reverse()) {
      await close().catch((error: unknown) => logger.error({ err: error }, 'a part did not stop cleanly'))
    }
  }
  try {
    const tracing = await openTracing({ service: definition.name, env: options.env, metrics })
    if (tracing !== undefined) closing.push(() => tracing.close())
    const { transport, internal } = options
    const runtime = (options.createRuntime ?? createMessageRuntime)({
      definition,
      transport,
      database,
      logger,
      metrics,
      tracing: tracing?.messages,
    })
    const { load, stop: stopMeasuring } = measureLoad({ runtime, database, metrics })
    closing.push(() => Promise.resolve(stopMeasuring()))
    const parking = parkingOf({ runtime, database, logger })
    const deps = { config, database, unitOfWork: runtime.unitOfWork, logger, metrics, parking, load, internal }
    const url = await startParts({ options, database, runtime, deps, closing, tracing })
    let stopped: Promise<void> | undefined
    return { name: definition.name, url, metrics, stop: () => (stopped ??= stop()) }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Parts {
  readonly options: StartOptions
  readonly database: Database
  readonly runtime: MessageRuntime
  readonly deps: ServiceDeps<unknown>
  readonly tracing: ServiceTracing | undefined
  /** in order of start; stopped in reverse */
  readonly closing: (() => Promise<void>)[]
}

async function startParts(parts: Parts): Promise<string> {
  const { options, runtime, deps, closing } = parts
  const { definition, logger, metrics } = options
  // What `prepare` emits is published at once, so its topics must exist before.
  const written = [...new Set(definition.produces.map((type) => catalog[type].topic))]
  if (written.length > 0) await options.transport.ensureTopics(written)
  await definition.prepare?.(deps)
  const app = await NestFactory.create<NestExpressApplication>(definition.module(deps), {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  })
  closing.push(() => app.close())
  let serving = true
  useMiddleware(app, { ...parts, serving: () => serving })
  // Before the handlers are bound: they take over the global filters that exist then.
  app.useGlobalFilters(new ProblemFilter(logger))
  app.connectMicroservice({ strategy: runtime.strategy }, { inheritAppConfig: true })
  await app.init()
  refuseHandlerGaps(definition, [...runtime.strategy.getHandlers().keys()])
  await app.startAllMicroservices()
  closing.push(() => runtime.drain())
  await runtime.start()
  const jobs = startJobs(definition.jobs?.(deps) ?? [], { logger, metrics })
  closing.push(() => jobs.stop())
  await app.listen(options.port, options.host)
  const server: HttpServer = app.getHttpServer()
  closing.push(() => {
    serving = false
    return closeServer(server)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  logger.info({ url }, `${definition.name} serves`)
  return url
}

function useMiddleware(app: NestExpressApplication, parts: Parts & { serving(): boolean }): void {
  const { options, database, runtime } = parts
  const { definition, transport, metrics, internal } = options
  app.disable('x-powered-by')
  if (parts.tracing !== undefined) app.use(parts.tracing.http)
  const { parking } = parts.deps
  app.use(operationsRoutes({ database, transport, runtime, metrics, parking, serving: parts.serving }, internal.token))
  if (definition.name !== 'gateway') app.use(internalOnly(internal.token))
  if (definition.rawBody === true) return
  const parser = express.json({ limit: bodyLimit, type: ['application/json', 'application/*+json'] })
  app.use((request: express.Request, response: express.Response, next: express.NextFunction) => {
    parser(request, response, (error?: unknown) => {
      if (error === undefined || error === null) next()
      else sendProblem(response, problemOf(error))
    })
  })
}

/** An event without a handler would be consumed and lost; a handler without a subscription would never run. */
function refuseHandlerGaps(definition: ServiceDefinition, handled: readonly string[]): void {
  const declared: readonly string[] = definition.consumes
  const missing = declared.filter((event) => !handled.includes(event))
  const extra = handled.filter((event) => !declared.includes(event))
  if (missing.length === 0 && extra.length === 0) return
  const sentences = [
    ...missing.map((event) => `${event} is in consumes, but no handler has @EventPattern('${event}').`),
    ...extra.map((event) => `A handler has @EventPattern('${event}'), but consumes lacks it.`),
  ]
  throw new Error(`${definition.name} does not start.\n${sentences.join('\n')}`)
}

/** Running requests may finish; connections that outlast the grace period are cut. */
async function closeServer(server: HttpServer): Promise<void> {
  const closed = new Promise<void>((done) => {
    server.close(() => done())
  })
  server.closeIdleConnections()
  // A connection that was busy is idle after its answer, and whoever keeps it would go on asking.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}
