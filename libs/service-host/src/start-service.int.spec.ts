import { connect } from 'node:net'
import { Body, Controller, Get, Inject, Injectable, Post } from '@nestjs/common'
import { EventPattern, Payload, Server, type CustomTransportStrategy } from '@nestjs/microservices'
import type { Transport } from '@weir/messaging'
import { testDatabase, until, type TestDatabase } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { isObservable, lastValueFrom } from 'rxjs'
import { z } from 'zod'
import type { MessageRuntime } from '@weir/messaging'
import { parseBody } from './parse-body.js'
import type { ServiceDefinition } from './service-definition.js'
import { startService, type ServiceHandle } from './start-service.js'

const GREETING = Symbol('GREETING')

@Injectable()
@Controller('v1/greetings')
class GreetingController {
  constructor(@Inject(GREETING) private readonly greeting: string) {}

  @Get()
  greet() {
    return { greeting: this.greeting }
  }

  @Post()
  add(@Body() body: unknown) {
    return parseBody(z.strictObject({ name: z.string() }), body)
  }

  @Get('lost')
  lost() {
    throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  }

  @EventPattern<string>('weir.customer.registered.v1')
  on(@Payload() payload: unknown) {
    throw new RangeError(`cannot read ${String(payload)}`)
  }
}

class GreetingModule {}

class RecordingStrategy extends Server implements CustomTransportStrategy {
  listen(callback: () => void) {
    callback()
  }
  close() {}
  on() {}
  unwrap<T>(): T {
    throw new Error('nothing inside')
  }
  async deliver(pattern: string, payload: unknown): Promise<unknown> {
    const result: unknown = await this.getHandlerByPattern(pattern)?.(payload, {})
    return isObservable(result) ? await lastValueFrom(result) : result
  }
}

const log: string[] = []
const strategy = new RecordingStrategy()
const runtime: MessageRuntime = {
  strategy,
  unitOfWork: { run: () => Promise.reject(new Error('not used')), outboxDepth: () => outboxDepth },
  start: () => Promise.resolve(void log.push('start')),
  drain: () => Promise.resolve(void log.push('drain')),
  trouble: () => trouble,
  outboxAgeMs: () => outboxAgeMs,
  lag: () => Promise.resolve([]),
  redrive: (key) => (key === 'still broken' ? Promise.reject(new RangeError('cannot divide by zero')) : Promise.resolve(key.length)),
  republish: (minutes) => Promise.resolve(minutes * 10),
  skipGap: ({ partition }) => Promise.resolve(partition === 3 ? { from: '5', to: '9' } : undefined),
}
let trouble: string | undefined
let transportTrouble: string | undefined
let outboxAgeMs = 0
let outboxDepth = 0
const transport: Transport = {
  kind: 'postgres-log',
  ensureTopics: () => Promise.resolve(),
  publish: () => Promise.resolve(),
  consume: () => Promise.reject(new Error('not used')),
  trouble: () => transportTrouble,
  close: () => Promise.resolve(),
}

const definition: ServiceDefinition = {
  name: 'reports',
  consumes: ['weir.customer.registered.v1'],
  produces: [],
  onFailure: 'park',
  config: z.object({}),
  migrations: [],
  entities: [],
  module: () => ({
    module: GreetingModule,
    controllers: [GreetingController],
    providers: [{ provide: GREETING, useValue: 'hello' }],
  }),
}

describe('a hosted service', () => {
  let at: TestDatabase
  let service: ServiceHandle
  const start = (changes: Partial<ServiceDefinition> = {}) =>
    startService({
      definition: { ...definition, ...changes },
      transport,
      databaseUrl: at.url,
      env: {},
      internal: { token: 'let-me-in', urls: {} },
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
      createRuntime: () => runtime,
    })
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${service.url}${path}`, {
      ...init,
      headers: { authorization: 'Bearer let-me-in', 'content-type': 'application/json', ...init.headers },
    })

  beforeAll(async () => {
    at = await testDatabase({ service: 'reports', migrations: [] })
    service = await start()
  })
  afterAll(async () => {
    await service.stop()
    await at.drop()
  })

  it('answers the gateway and nobody else', async () => {
    expect(await (await send('/v1/greetings')).json()).toEqual({ greeting: 'hello' })

    const stranger = await send('/v1/greetings', { headers: { authorization: 'Bearer guess' } })
    expect(stranger.status).toBe(401)
    expect(stranger.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect((await send('/metrics', { headers: { authorization: '' } })).status).toBe(401)
  })

  it('tells everybody whether it lives and is ready, and why not', async () => {
    const bare = { headers: { authorization: '' } }
    expect((await send('/livez', bare)).status).toBe(200)
    const ready = await send('/readyz', bare)
    const well = { service: 'ok', database: 'ok', transport: 'ok', consumer: 'ok', outbox: 'ok' }
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', reasons: {}, checks: well }])

    trouble = 'partition 3 is paused'
    transportTrouble = 'no broker answers'
    outboxAgeMs = 61_000
    const unready = await send('/readyz', bare)
    outboxDepth = 50_001
    const full = await send('/readyz', bare)
    trouble = undefined
    transportTrouble = undefined
    outboxAgeMs = 0
    outboxDepth = 0

    const reasons = {
      transport: 'no broker answers',
      consumer: 'partition 3 is paused',
      outbox: 'an event has been waiting for 61 s to be published',
    }
    expect([unready.status, await unready.json()]).toEqual([503, { status: 'not-ready', reasons, checks: { ...well, ...reasons } }])
    expect(await full.json()).toMatchObject({ reasons: { ...reasons, outbox: '50001 events are not published yet' } })
    expect((await send('/readyz', bare)).status).toBe(200)
  })

  it.each([
    ['malformed JSON', '{"name":', 400, 'malformed-json'],
    ['a body over 256 KB', JSON.stringify({ name: 'x'.repeat(300_000) }), 413, 'body-too-large'],
    ['a body of another form', '{"title":"x"}', 422, 'invalid-body'],
  ])('refuses %s', async (_name, body, status, code) => {
    const answer = await send('/v1/greetings', { method: 'POST', body })

    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ status, code })
  })

  it('answers unknown paths and a lost database with problems', async () => {
    expect(await (await send('/v1/nowhere')).json()).toMatchObject({ status: 404, code: 'not-found' })

    const lost = await send('/v1/greetings/lost')
    expect(lost.status).toBe(503)
    expect(lost.headers.get('retry-after')).toBe('2')
  })

  it('hands the error of an event handler on unchanged', async () => {
    await expect(strategy.deliver('weir.customer.registered.v1', 'batch')).rejects.toThrow(new RangeError('cannot read batch'))
  })

  it('redrives the parked messages of a key, for the token', async () => {
    const answer = await send('/operations/redrive?key=abc', { method: 'POST' })
    expect(await answer.json()).toEqual({ redriven: 3 })

    const stranger = await send('/operations/redrive?key=abc', { method: 'POST', headers: { authorization: '' } })
    expect(stranger.status).toBe(401)
  })

  it.each([
    ['republish?minutes=15', 200, { republished: 150 }],
    ['republish?minutes=0', 422, { code: 'minutes-missing' }],
    ['republish?minutes=1441', 422, { code: 'minutes-missing' }],
    ['republish', 422, { code: 'minutes-missing' }],
    ['skip-gap?topic=weir.decisions&partition=3', 200, { skipped: { from: '5', to: '9' } }],
    ['skip-gap?topic=weir.decisions&partition=4', 409, { code: 'no-gap' }],
    ['skip-gap?topic=weir.decisions&partition=x', 422, { code: 'partition-missing' }],
  ])('lets an operator, and nobody else, %s', async (command, status, body) => {
    const answer = await send(`/operations/${command}`, { method: 'POST' })
    expect([answer.status, await answer.json()]).toMatchObject([status, body])

    const stranger = await send(`/operations/${command}`, { method: 'POST', headers: { authorization: 'Bearer guess' } })
    expect(stranger.status).toBe(401)
  })

  it('says 409 where a redriven message still fails, and why', async () => {
    const answer = await send('/operations/redrive?key=still%20broken', { method: 'POST' })

    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'still-failing', detail: 'cannot divide by zero' })
  })

  it('lists what is parked by key, for the token', async () => {
    const park = `insert into parked (topic, partition, "offset", key, headers, value, error) values ($1, 0, $2, $3, '{}', '{}', $4)`
    await at.database.query(park, ['weir.provisioning', 1, 'acme', 'cannot divide by zero'])
    await at.database.query(park, ['weir.customers', 2, 'acme', 'an earlier message of this key is parked'])
    await at.database.query(park, ['weir.customers', 3, null, 'has no id'])
    const since = expect.stringMatching(/Z$/) as string

    expect(await (await send('/operations/parked')).json()).toEqual({
      items: [
        { key: 'acme', messages: 2, topics: ['weir.customers', 'weir.provisioning'], since, error: 'cannot divide by zero' },
        { messages: 1, topics: ['weir.customers'], since, error: 'has no id' },
      ],
    })
    expect((await send('/operations/parked', { headers: { authorization: '' } })).status).toBe(401)
  })

  it('shows what is set aside, and how late the event loop is', async () => {
    const shown = async () => await (await send('/metrics')).text()
    await at.database.query('delete from parked')
    expect(await shown()).toMatch(/^weir_parked_messages 0$/m)

    const park = `insert into parked (topic, partition, "offset", headers, error) values ('weir.customers', 0, 7, '{}', 'has no id')`
    await at.database.query(park)
    await at.database.query(`insert into outbox_waiting (seq, refusal) values (1, 'too large')`)
    expect(await shown()).toMatch(/^weir_parked_messages 1$/m)
    expect(await shown()).toMatch(/^weir_outbox_refused_events 1$/m)
    await until(async () => /^weir_event_loop_delay_seconds_count [1-9]/m.test(await shown()), { describe: 'the loop was measured' })
  })

  it('counts and times requests', async () => {
    const text = await (await send('/metrics')).text()

    expect(text).toContain('weir_http_request_seconds_count{method="GET",status="200"}')
  })

  it('counts each refusal by its code', async () => {
    const count = async (code: string) => {
      const text = await (await send('/metrics')).text()
      return Number(new RegExp(`weir_problems_total\\{code="${code}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
    }
    const codes = ['malformed-json', 'invalid-body', 'internal-only', 'not-found']
    const before = await Promise.all(codes.map(count))
    await send('/v1/greetings', { method: 'POST', body: '{' })
    await send('/v1/greetings', { method: 'POST', body: '{}' })
    await send('/v1/greetings', { headers: { authorization: 'Bearer guess' } })
    await send('/v1/nowhere')

    expect(await Promise.all(codes.map(count))).toEqual(before.map((n) => n + 1))
  })

  it('does not start when a subscribed event has no handler', async () => {
    const starting = start({ consumes: ['weir.customer.registered.v1', 'weir.decision.made.v1'] })

    await expect(starting).rejects.toThrow(
      "weir.decision.made.v1 is in consumes, but no handler has @EventPattern('weir.decision.made.v1').",
    )
  })

  it('is not ready without its database, and while it stops', async () => {
    let lose = (): Promise<void> => Promise.resolve()
    const other = await start({
      module: (deps) => {
        lose = () => deps.database.close()
        return definition.module(deps)
      },
    })
    const { hostname, port } = new URL(other.url)
    const socket = connect(Number(port), hostname)
    let told = ''
    socket.setEncoding('utf8').on('data', (text: string) => (told += text))
    const closed = new Promise((done) => socket.once('close', done))
    // A request that is under way keeps its connection, on which somebody may ask.
    socket.write(
      'POST /v1/greetings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer let-me-in\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n',
    )
    await lose()
    const lost = await fetch(`${other.url}/readyz`)
    expect([lost.status, await lost.json()]).toMatchObject([503, { reasons: { database: 'does not answer' } }])
    const stopping = other.stop()
    socket.write('{"name":"late"}GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await closed
    await stopping

    expect(told).toMatch(/^HTTP\/1.1 201 /)
    expect(told).toContain('"service":"is stopping"')
  })

  it('drains when it stops, in order, and closes its port', async () => {
    log.length = 0
    const other = await start({
      jobs: () => [{ name: 'tick', everyMs: 1, run: () => Promise.resolve() }],
    })
    await other.stop()
    await other.stop()

    expect(log).toEqual(['start', 'drain'])
    await expect(fetch(`${other.url}/livez`)).rejects.toThrow()
  })
})
