import { Controller, Get, Injectable, Post, Req } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import { openPostgresLog, type OutgoingMessage, type Received, type Transport, type UnitOfWork } from '@weir/messaging'
import { testDatabase, traceReceiver, until, type ReceivedSpan, type TestDatabase, type TraceReceiver } from '@weir/testing'
import type { Request } from 'express'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { z } from 'zod'
import type { ServiceDefinition } from './service-definition.js'
import { startService, type ServiceHandle } from './start-service.js'
import { openTracing } from './tracing.js'

const heard: string[] = []
const logger = pino({ level: 'silent' })

@Injectable()
@Controller('v1/greetings')
class Greetings {
  @Get(':name')
  greet(@Req() request: Request) {
    return { traceparent: request.headers['traceparent'] }
  }

  @Post()
  refuse() {
    throw new Error('broken')
  }

  @EventPattern<string>('weir.customer.registered.v1')
  async on(@Payload() events: Received<'weir.customer.registered.v1'>[], @Ctx() unit: UnitOfWork) {
    for (const { id, traceparent, data } of events) {
      heard.push(traceparent ?? 'none')
      unit.emit({ type: 'weir.customer.changed.v1', subject: 'c', key: 'c', data, cause: { id, traceparent } })
    }
    if (events.some(({ data }) => data.name === 'fails')) throw new RangeError('cannot')
    return Promise.resolve()
  }
}

class GreetingsModule {}

const definition: ServiceDefinition = {
  name: 'reports',
  consumes: ['weir.customer.registered.v1'],
  produces: ['weir.customer.changed.v1'],
  onFailure: 'park',
  config: z.object({}),
  migrations: [],
  entities: [],
  module: () => ({ module: GreetingsModule, controllers: [Greetings] }),
}

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parent = (flags: string): string => `00-${traceId}-b7ad6b7169203331-${flags}`
const told = (name: string, traceparent?: string): OutgoingMessage => ({
  topic: 'weir.customers',
  key: name,
  headers: {
    ce_specversion: '1.0',
    ce_id: crypto.randomUUID(),
    ce_type: 'weir.customer.registered.v1',
    ce_source: '/weir/test',
    ce_subject: name,
    ce_time: '2026-03-01T00:00:00Z',
    ...(traceparent === undefined ? {} : { traceparent }),
  },
  value: JSON.stringify({ customerId: name, name, tenants: [] }),
})

describe('traces', () => {
  let at: TestDatabase
  let transport: Transport
  let receiver: TraceReceiver
  let service: ServiceHandle
  const metrics = new Registry()
  const start = (env: Readonly<Record<string, string>>) =>
    startService({
      definition,
      transport,
      databaseUrl: at.url,
      env,
      internal: { token: 'let-me-in', urls: {} },
      host: '127.0.0.1',
      port: 0,
      logger,
      metrics: env['WEIR_OTLP_URL'] === undefined ? new Registry() : metrics,
    })
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
    await fetch(`${service.url}${path}`, { headers: { authorization: 'Bearer let-me-in', ...headers } })
  const spanNamed = (name: string, of = traceId): Promise<ReceivedSpan> =>
    until(() => receiver.spans.find((span) => span.name === name && span.traceId === of), { describe: `${name} is told` })

  beforeAll(async () => {
    at = await testDatabase({ service: 'reports', migrations: [] })
    transport = await openPostgresLog({ url: at.busUrl, logger })
    receiver = await traceReceiver()
    service = await start({ WEIR_OTLP_URL: receiver.url })
  })
  beforeEach(() => heard.splice(0))
  afterAll(async () => {
    await service.stop()
    await receiver.stop()
    await transport.close()
    await at.drop()
  })

  it('go through what handles an event to what it publishes', async () => {
    await transport.publish([told('acme', parent('01'))])
    const handled = await spanNamed('process weir.customer.registered.v1')
    const published = await spanNamed('publish weir.customer.changed.v1')

    expect(handled).toMatchObject({ service: 'reports', parentSpanId: 'b7ad6b7169203331', failed: false })
    expect(published.parentSpanId).toBe(handled.spanId)
    expect(heard).toEqual([`00-${traceId}-${handled.spanId}-01`])
    const transaction = await until(() => receiver.spans.find(({ links }) => links.includes(handled.spanId)), { describe: 'it is linked' })
    expect(transaction).toMatchObject({ name: 'transaction', attributes: { 'weir.events': 1 } })
    expect(handled.links).toEqual([transaction.spanId])
    expect(JSON.stringify(receiver.spans)).not.toContain('acme')
  })

  it('go through a request, by its route and never by its path', async () => {
    const answer = (await (await get('/v1/greetings/acme', { traceparent: parent('01') })).json()) as { traceparent: string }
    const span = await spanNamed('GET /v1/greetings/:name')

    expect(answer.traceparent).toBe(`00-${traceId}-${span.spanId}-01`)
    expect(span).toMatchObject({ parentSpanId: 'b7ad6b7169203331', attributes: { 'http.response.status_code': 200 }, failed: false })

    await fetch(`${service.url}/v1/greetings`, {
      method: 'POST',
      headers: { authorization: 'Bearer let-me-in', traceparent: parent('01') },
    })
    expect(await spanNamed('POST /v1/greetings')).toMatchObject({ failed: true, attributes: { 'error.type': 'internal' } })
  })

  it('begin here where none is told, or what is told is none', async () => {
    const begins = async (given: string | undefined) => {
      const answer = (await (await get('/v1/greetings/x', given === undefined ? {} : { traceparent: given })).json()) as {
        traceparent: string
      }
      const [, ownTraceId = ''] = answer.traceparent.split('-')
      expect(ownTraceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
      expect(ownTraceId).not.toBe(traceId)
      expect(await spanNamed('GET /v1/greetings/:name', ownTraceId)).not.toHaveProperty('parentSpanId')
    }
    await Promise.all([undefined, `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, 'ff-' + parent('01').slice(3), 'x'].map(begins))
  })

  it('that the caller does not sample are carried on, and not told', async () => {
    const other = 'a'.repeat(32)
    await transport.publish([told('unseen', `00-${other}-b7ad6b7169203331-00`), told('seen', parent('01'))])
    await until(() => heard.length === 2, { describe: 'both are heard' })
    await until(() => receiver.spans.filter(({ traceId: id, name }) => id === traceId && name.startsWith('publish')).length > 1, {
      describe: 'what came with it is told',
    })

    expect(heard[0]).toMatch(new RegExp(`^00-${other}-[0-9a-f]{16}-00$`))
    expect(receiver.spans.filter(({ traceId: id }) => id === other)).toEqual([])
  })

  it('tell what failed, without its words', async () => {
    await transport.publish([told('fails', parent('01'))])
    const failed = await until(() => receiver.spans.find((span) => span.failed && span.name.startsWith('process')), {
      describe: 'it is told',
    })

    expect(failed.attributes).toMatchObject({ 'error.type': 'RangeError' })
    expect(JSON.stringify(receiver.spans)).not.toContain('cannot')
  })

  it('do not tell of probes', async () => {
    await get('/livez')
    await get('/readyz')
    await get('/v1/greetings/x', { traceparent: parent('01') })
    await until(() => receiver.spans.filter(({ name, traceId: id }) => id === traceId && name.startsWith('GET')).length > 1, {
      describe: 'the request is told',
    })
    expect(receiver.spans.filter(({ name }) => /livez|readyz|^GET$/.test(name))).toEqual([])
  })

  it('are not even begun where no collector is named: the header stays as it came', async () => {
    expect(await openTracing({ service: 'reports', env: {}, metrics: new Registry() })).toBeUndefined()
    const traced = service
    await traced.stop()
    service = await start({})
    const requests = receiver.requests()
    const answer = (await (await get('/v1/greetings/x', { traceparent: parent('01') })).json()) as { traceparent: string }
    expect(answer.traceparent).toBe(parent('01'))
    await transport.publish([told('acme', parent('01'))])
    await until(() => heard.length > 0, { describe: 'it is heard' })
    expect([heard, receiver.requests()]).toEqual([[parent('01')], requests])
  })

  it('need a collector whose address is one', async () => {
    const opening = (env: Readonly<Record<string, string>>) => openTracing({ service: 'reports', env, metrics: new Registry() })
    await expect(opening({ WEIR_OTLP_URL: 'collector' })).rejects.toThrow('WEIR_OTLP_URL')
    await expect(opening({ WEIR_OTLP_URL: receiver.url, WEIR_OTLP_SAMPLE: '5' })).rejects.toThrow('WEIR_OTLP_SAMPLE')
  })
})

it('a collector that is away loses spans, counts them, and holds up nobody', async () => {
  const metrics = new Registry()
  const tracing = await openTracing({ service: 'reports', env: { WEIR_OTLP_URL: 'http://127.0.0.1:9' }, metrics })
  tracing?.messages.publishing([told('acme', parent('01'))])()
  const began = performance.now()
  await tracing?.close()

  expect(performance.now() - began).toBeLessThan(7_000)
  expect(await metrics.metrics()).toMatch(/^weir_spans_lost_total 1$/m)
})
