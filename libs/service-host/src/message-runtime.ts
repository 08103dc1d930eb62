import type { ServiceName, EventType } from '@weir/contracts'
import type { Transport, UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import type { CustomTransportStrategy, Server } from '@nestjs/microservices'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'

/** What the host needs from the message runtime of one service. */
export interface MessageRuntime {
  /** given to Nest, which registers the `@EventPattern` handlers with it */
  readonly strategy: CustomTransportStrategy & Server
  readonly unitOfWork: UnitOfWorkRunner
  /** after the handlers are registered: sweeps the outbox, then consumes */
  start(): Promise<void>
  /** stops consuming, waits for running batches, publishes what the outbox holds */
  drain(): Promise<void>
  /** undefined: consuming. Else the reason for /readyz. */
  trouble(): string | undefined
  /** handles a key's parked messages again; how many */
  redrive(key: string): Promise<number>
}

export interface MessageRuntimeOptions {
  readonly definition: {
    readonly name: ServiceName
    readonly consumes: readonly (EventType | 'weir.intake')[]
    readonly produces: readonly EventType[]
    readonly onFailure: 'park' | 'stop'
    readonly gatherMs?: number
  }
  readonly transport: Transport
  readonly database: Database
  readonly logger: Logger
  readonly metrics: Registry
}
