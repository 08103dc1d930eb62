import { setTimeout as delay } from 'node:timers/promises'
import type { MessageRuntime, PartitionLag } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { Gauge, Histogram, type Registry } from 'prom-client'
import { watchEventLoop } from './event-loop-watch.js'

const COUNTED_WITHIN_MS = 2_000

/** How much a service has to do: what backpressure looks at. */
export interface ServiceLoad {
  /** events that were committed and have not left */
  outboxDepth(): number
  /** how long the oldest of them has been waiting */
  outboxAgeMs(): number
  /** messages of each partition that it has not handled; rejects while the log does not tell, within two seconds */
  lag(): Promise<readonly PartitionLag[]>
  /** what the event loop was late by, in every half second of the last one and a half */
  eventLoopDelayMs(): number
}

interface LoadParts {
  readonly runtime: Pick<MessageRuntime, 'unitOfWork' | 'outboxAgeMs' | 'lag'>
  readonly database: Pick<Database, 'query'>
  readonly metrics: Registry
}

/** Measures from now on, and shows it as metrics. */
export function measureLoad({ runtime, database, metrics }: LoadParts): { readonly load: ServiceLoad; stop(): void } {
  const delays = new Histogram({
    name: 'weir_event_loop_delay_seconds',
    help: 'the longest delay of the event loop in each half second',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [metrics],
  })
  const watch = watchEventLoop((ms) => delays.observe(ms / 1000))
  setAside({ database, metrics })
  const load = {
    outboxDepth: () => runtime.unitOfWork.outboxDepth(),
    outboxAgeMs: () => runtime.outboxAgeMs(),
    lag: () => runtime.lag(),
    eventLoopDelayMs: () => watch.sustainedMs(),
  }
  return { load, stop: () => watch.stop() }
}

/** Asked of the database when the metrics are read; absent while it does not answer. */
function setAside({ database, metrics }: Pick<LoadParts, 'database' | 'metrics'>): void {
  const registers = [metrics]
  const show = async (gauge: Gauge, counted: string) => {
    const rows = await within(COUNTED_WITHIN_MS, database.query<{ count: string }>(`select count(*) as count from ${counted}`))
    gauge.reset()
    if (rows?.[0] === undefined) gauge.remove()
    else gauge.set(Number(rows[0].count))
  }
  new Gauge({
    name: 'weir_parked_messages',
    help: 'messages that are set aside now',
    registers,
    collect() {
      return show(this, 'parked')
    },
  })
  new Gauge({
    name: 'weir_outbox_refused_events',
    help: 'events that the log refuses, and those of their keys behind them',
    registers,
    collect() {
      return show(this, 'outbox_waiting where refusal is not null')
    },
  })
}

/** undefined: it failed, or took longer */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const late = new AbortController()
  const tooLate = delay(ms, undefined, { signal: late.signal })
  try {
    return await Promise.race([work, tooLate])
  } catch {
    return undefined
  } finally {
    late.abort()
    tooLate.catch(() => undefined)
    work.catch(() => undefined)
  }
}
