import type { EventType } from '@weir/contracts'
import { testDatabase, type TestDatabase, until } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { MigrationInterface, QueryRunner } from 'typeorm'
import type { Received, ReceivedRaw } from '../src/event.js'
import { createMessageRuntime, type MessageRuntime, type MessageRuntimeOptions } from '../src/message-runtime.js'
import type { ConsumerOptions, OutgoingMessage, Transport } from '../src/transport.js'
import type { UnitOfWork } from '../src/unit-of-work.js'

export const silent = pino({ level: 'silent' })

class Heard1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table heard (n bigint generated always as identity, key text, text text not null)')
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table heard')
  }
}

export const heardDatabase = (service: string): Promise<TestDatabase> =>
  testDatabase({ service, migrations: [Heard1764000000001], poolSize: 16 })

export const registered = 'weir.customer.registered.v1'
export const changed = 'weir.customer.changed.v1'

/** Hands every batch over twice, as a broker does whose consumer died before its offset was committed. */
export const twice = (transport: Transport): Transport =>
  withConsume(transport, (options) => ({
    ...options,
    onBatch: async (batch) => {
      await options.onBatch(batch)
      await options.onBatch(batch)
    },
  }))

export const withConsume = (transport: Transport, change: (options: ConsumerOptions) => ConsumerOptions): Transport => ({
  ...withPublish(transport, (messages) => transport.publish(messages)),
  consume: (options) => transport.consume(change(options)),
})

export const withPublish = (transport: Transport, publish: Transport['publish']): Transport => ({
  kind: transport.kind,
  ensureTopics: (topics) => transport.ensureTopics(topics),
  publish,
  consume: (options) => transport.consume(options),
  trouble: () => transport.trouble(),
  close: () => transport.close(),
})

export interface Listening {
  readonly database: Pick<TestDatabase, 'database'>
  readonly transport: Transport
  readonly definition?: Partial<MessageRuntimeOptions['definition']>
  /** runs before the events are written down, in their transaction */
  before?(events: readonly (Received | ReceivedRaw)[], unit: UnitOfWork): void | Promise<void>
  readonly handlerTimeoutMs?: number
}

/** A service that writes down what it hears. Not started yet. */
export function listener(listening: Listening): MessageRuntime {
  const definition: MessageRuntimeOptions['definition'] = {
    name: 'gateway',
    consumes: [registered, changed],
    produces: [],
    onFailure: 'park',
    ...listening.definition,
  }
  const runtime = createMessageRuntime({
    definition,
    transport: listening.transport,
    database: listening.database.database,
    logger: silent,
    metrics: new Registry(),
    ...(listening.handlerTimeoutMs === undefined ? {} : { handlerTimeoutMs: listening.handlerTimeoutMs }),
  })
  const handle = async (events: readonly (Received | ReceivedRaw)[], unit: UnitOfWork) => {
    await listening.before?.(events, unit)
    await unit.tx.query(
      'insert into heard (key, text) select k, t from unnest($1::text[], $2::text[]) with ordinality as w (k, t, n) order by n',
      [events.map(({ key }) => key ?? null), events.map(textOf)],
    )
  }
  for (const type of definition.consumes) runtime.strategy.addHandler(type, handle, true)
  return runtime
}

export const textOf = (event: Received | ReceivedRaw): string =>
  'value' in event ? event.value : typeof event.data === 'object' && 'name' in event.data ? String(event.data.name) : event.type

export async function heard(at: TestDatabase, key: string): Promise<string[]> {
  const rows = await at.database.query<{ text: string }>('select text from heard where key = $1 order by n', [key])
  return rows.map(({ text }) => text)
}

export const awaitHeard = (at: TestDatabase, key: string, count: number): Promise<string[]> =>
  until(
    async () => {
      const texts = await heard(at, key)
      return texts.length >= count ? texts : undefined
    },
    { describe: `${count} messages of ${key} were heard`, timeoutMs: 30_000 },
  )

export async function parkedOf(at: TestDatabase, key: string): Promise<string[]> {
  const rows = await at.database.query<{ error: string }>('select error from parked where key = $1 order by id', [key])
  return rows.map(({ error }) => error)
}

interface Telling {
  readonly key: string
  readonly name: string
  readonly type?: EventType
  readonly value?: string
}

/** As another service of ours publishes it. */
export function told({ key, name, type = registered, value }: Telling): OutgoingMessage {
  return {
    topic: 'weir.customers',
    key,
    headers: {
      ce_specversion: '1.0',
      ce_id: crypto.randomUUID(),
      ce_type: type,
      ce_source: '/weir/identity',
      ce_subject: key,
      ce_time: '2026-03-01T00:00:00Z',
      ce_partitionkey: key,
      'content-type': 'application/json',
    },
    value: value ?? JSON.stringify({ customerId: key, name, tenants: [] }),
  }
}
