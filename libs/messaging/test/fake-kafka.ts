import type { Consumer, ConsumerConfig, ConsumerRunConfig, EachBatchPayload, Kafka } from 'kafkajs'

type Listener = (event: { readonly payload: unknown }) => void

/** One consumer that kafkajs would have made, moved by hand. */
export interface FakeConsumer {
  readonly config: ConsumerConfig
  readonly run: ConsumerRunConfig
  readonly subscribed: unknown
  readonly seeks: readonly { readonly topic: string; readonly partition: number; readonly offset: string }[]
  readonly commits: readonly unknown[]
  readonly isGone: boolean
  readonly paused: readonly string[]
  tell(event: 'FETCH' | 'HEARTBEAT' | 'GROUP_JOIN' | 'CRASH' | 'END_BATCH_PROCESS', payload?: unknown): void
  /** as kafkajs's runner calls it */
  batch(of: { readonly topic: string; readonly partition: number; readonly from: number; readonly count: number }): Promise<{
    readonly resolved: string | undefined
  }>
}

const events = { FETCH: 'FETCH', HEARTBEAT: 'HEARTBEAT', GROUP_JOIN: 'GROUP_JOIN', CRASH: 'CRASH', END_BATCH_PROCESS: 'END_BATCH_PROCESS' }

/** kafkajs without a broker. `onRun` is called where it would join the group. */
export function fakeKafka(onRun: (consumer: FakeConsumer, nth: number) => void = () => undefined): {
  readonly kafka: Kafka
  readonly made: readonly FakeConsumer[]
} {
  const made: FakeConsumer[] = []
  const consumer = (config: ConsumerConfig) => {
    const listeners = new Map<string, Listener[]>()
    const paused = new Set<string>()
    const seeks: FakeConsumer['seeks'][number][] = []
    const commits: unknown[] = []
    let [isGone, run, subscribed]: [boolean, ConsumerRunConfig, unknown] = [false, {}, undefined]
    const fake: FakeConsumer = {
      config,
      get run() {
        return run
      },
      get subscribed() {
        return subscribed
      },
      get isGone() {
        return isGone
      },
      get paused() {
        return [...paused]
      },
      seeks,
      commits,
      tell: (event, payload = {}) => {
        for (const listener of listeners.get(event) ?? []) listener({ payload })
      },
      batch: async (of) => {
        let resolved: string | undefined
        await run.eachBatch?.(payloadOf(of, (offset) => (resolved = offset)))
        return { resolved }
      },
    }
    made.push(fake)
    const names = (all: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]) =>
      all.flatMap(({ topic, partitions = [] }) => partitions.map((partition) => `${topic}/${partition}`))
    const part: Partial<Consumer> = {
      events: events as Consumer['events'],
      on: (event: string, listener: (event: never) => void) => {
        listeners.set(event, [...(listeners.get(event) ?? []), listener as Listener])
        return () => undefined
      },
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(void (isGone = true)),
      subscribe: (topics) => Promise.resolve(void (subscribed = topics)),
      run: (config = {}) => {
        run = config
        onRun(fake, made.length)
        return Promise.resolve()
      },
      seek: (at) => void seeks.push(at),
      pause: (all) => names(all).forEach((name) => paused.add(name)),
      resume: (all) => names(all).forEach((name) => paused.delete(name)),
      commitOffsets: (offsets) => Promise.resolve(void commits.push(offsets)),
    }
    return part as Consumer
  }
  return { kafka: { consumer } as Partial<Kafka> as Kafka, made }
}

function payloadOf(
  { topic, partition, from, count }: Parameters<FakeConsumer['batch']>[0],
  resolveOffset: (offset: string) => void,
): EachBatchPayload {
  const messages = Array.from({ length: count }, (_, n) => ({
    key: Buffer.from('k'),
    value: Buffer.from(String(from + n)),
    headers: {},
    offset: String(from + n),
  }))
  const batch = { topic, partition, fetchedOffset: String(from), messages, lastOffset: () => String(from + count - 1) }
  const payload: Partial<Omit<EachBatchPayload, 'batch'>> & { readonly batch: object } = {
    batch,
    resolveOffset,
    heartbeat: () => Promise.resolve(),
    isRunning: () => true,
    isStale: () => false,
  }
  return payload as EachBatchPayload
}
