import { Server, type CustomTransportStrategy } from '@nestjs/microservices'
import { isObservable, lastValueFrom } from 'rxjs'
import type { UnitOfWork } from './unit-of-work.js'

export const BATCH_SERVER = Symbol('batch server')

/**
 * Where Nest registers the `@EventPattern` handlers. It does not fetch anything: the runtime calls `dispatch` inside the
 * transaction of a batch.
 */
export class BatchServer extends Server implements CustomTransportStrategy {
  override transportId = BATCH_SERVER

  listen(callback: () => void): void {
    callback()
  }

  close(): void {
    this.messageHandlers.clear()
  }

  on(): never {
    throw new Error('the batch server emits no events')
  }

  unwrap(): never {
    throw new Error('the batch server wraps nothing')
  }

  /** Awaits the handler; rejects with its own error, because the runtime decides by it whether to wait or to park. */
  async dispatch(pattern: string, { events, unit }: { readonly events: readonly unknown[]; readonly unit: UnitOfWork }): Promise<void> {
    const handler = this.getHandlerByPattern(pattern)
    if (handler === null) throw new Error(`no handler for ${pattern}`)
    // Nest turns a handler's exception into an observable that errors; not awaiting it would commit the failed batch.
    const result: unknown = await handler(events, unit)
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined })
  }
}
