import type { DynamicModule, Type } from '@nestjs/common'
import type { EventType, ServiceName } from '@weir/contracts'
import type { UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { EntitySchema, MigrationInterface } from 'typeorm'
import type { z } from 'zod'
import type { Parking } from './parking.js'
import type { ServiceLoad } from './service-load.js'

/** What the host gives to a service's composition root. */
export interface ServiceDeps<Config> {
  readonly config: Config
  readonly database: Database
  readonly unitOfWork: UnitOfWorkRunner
  readonly logger: Logger
  readonly metrics: Registry
  /** what this service itself could not handle */
  readonly parking: Parking
  readonly load: ServiceLoad
  /** how to reach other services over HTTP: the gateway all, to forward what is theirs; another service those that it `reads` */
  readonly internal?: InternalAccess
}

export interface InternalAccess {
  /** bearer token that every service but the gateway demands */
  readonly token: string
  /** base URL without a trailing slash, by service name; the own one is absent */
  readonly urls: Readonly<Record<string, string>>
}

/** Repeated work that no message triggers: deadlines, expiries. One run at a time per process. */
export interface Job {
  readonly name: string
  readonly everyMs: number
  run(): Promise<void>
}

/**
 * A service as one value: everything that a host needs to run it, alone on Kafka or together with others in one process.
 * The host: parses config, migrates the schema, builds one Nest container, checks that `consumes` and the
 * `@EventPattern` handlers are the same set (else it refuses to start), then consumes, then serves HTTP.
 */
export interface ServiceDefinition<Schema extends z.ZodType = z.ZodType> {
  /** schema name in PostgreSQL, consumer group, client id, `source` of its events */
  readonly name: ServiceName
  readonly consumes: readonly (EventType | 'weir.intake')[]
  readonly produces: readonly EventType[]
  /** whose public pages it asks for, never on the path of a decision; they start before it */
  readonly reads?: readonly ServiceName[]
  /** What becomes of a message that cannot be handled: it is parked with its key, or its partition stops (ledger: order is meaning). */
  readonly onFailure: 'park' | 'stop'
  /** how long messages may wait for others before their transaction; for a service that nobody waits for */
  readonly gatherMs?: number
  /** keys `WEIR_<NAME>_…` of this service; unknown ones are refused */
  readonly config: Schema
  /** true: no body parser; the service reads request bodies itself, as bytes (the gateway) */
  readonly rawBody?: boolean
  readonly migrations: readonly (new () => MigrationInterface)[]
  readonly entities: readonly (Type | EntitySchema)[]
  /** The composition root. Controllers for HTTP and events; no provider outside it. */
  module(deps: ServiceDeps<z.infer<Schema>>): DynamicModule
  jobs?(deps: ServiceDeps<z.infer<Schema>>): readonly Job[]
  /** Run once after migrations and before consuming: loads reference data, seeds, recovers. */
  prepare?(deps: ServiceDeps<z.infer<Schema>>): Promise<void>
}
