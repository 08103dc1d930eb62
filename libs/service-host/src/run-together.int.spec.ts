import { Controller, Get, Inject, Injectable } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import { openPostgresLog, type Received, type Transport, type UnitOfWork } from '@weir/messaging'
import { openDatabase, type Database } from '@weir/persistence'
import { testBrokers, testDatabase, until, type TestDatabase } from '@weir/testing'
import { pino } from 'pino'
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { z } from 'zod'
import { runService } from './run-service.js'
import { runTogether, type TogetherHandle } from './run-together.js'
import type { InternalAccess, ServiceDefinition } from './service-definition.js'
import type { ServiceHandle } from './start-service.js'

const INTERNAL = Symbol('INTERNAL')
const logger = pino({ level: 'silent' })
const title = 'Entity list, January'

class HeardTable implements MigrationInterface {
  readonly name = 'HeardTable1700000000002'
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table heard (title text not null)')
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table heard')
  }
}

@Injectable()
@Controller()
class Listener {
  @EventPattern<string>('weir.list.activated.v1')
  async on(@Payload() events: Received<'weir.list.activated.v1'>[], @Ctx() unit: UnitOfWork) {
    await unit.tx.query('insert into heard select unnest($1::text[])', [events.map((event) => event.data.title)])
  }
}

@Injectable()
@Controller('v1/internal')
class Urls {
  constructor(@Inject(INTERNAL) private readonly internal: InternalAccess | undefined) {}

  @Get()
  urls() {
    return this.internal?.urls
  }
}

class SpeakerModule {}
class ListenerModule {}
class GatewayModule {}

const common = { consumes: [], produces: [], onFailure: 'park', config: z.object({}), migrations: [], entities: [] } as const
const speaker: ServiceDefinition = {
  ...common,
  name: 'identity',
  produces: ['weir.list.activated.v1'],
  module: () => ({ module: SpeakerModule }),
  prepare: ({ unitOfWork }) =>
    unitOfWork.run('activate-list', (unit) => {
      const data = { digest: 'a'.repeat(64), title, entries: 3, activatedAt: unit.now.toISOString() }
      unit.emit({ type: 'weir.list.activated.v1', subject: 'a'.repeat(64), key: 'lists', data, cause: { id: 'boot' } })
      return Promise.resolve()
    }),
}
const listener: ServiceDefinition = {
  ...common,
  name: 'ledger',
  consumes: ['weir.list.activated.v1'],
  migrations: [HeardTable],
  module: () => ({ module: ListenerModule, controllers: [Listener] }),
}
const gateway: ServiceDefinition = {
  ...common,
  name: 'gateway',
  rawBody: true,
  module: ({ internal }) => ({
    module: GatewayModule,
    controllers: [Urls],
    providers: [{ provide: INTERNAL, useValue: internal }],
  }),
}

describe('services in one process', () => {
  let at: TestDatabase
  let transport: Transport
  let together: TogetherHandle
  let ledger: Database
  beforeAll(async () => {
    at = await testDatabase({ service: 'identity', migrations: [], alongside: ['ledger', 'gateway'] })
    transport = await openPostgresLog({ url: at.busUrl, logger })
    together = await runTogether({
      definitions: [gateway, speaker, listener],
      transport,
      databaseUrls: at.schemas,
      env: {},
      internalToken: 'let-me-in',
      logger,
    })
    ledger = await openDatabase({ url: at.schemas['ledger']?.url ?? '', name: 'ledger' })
  })
  afterAll(async () => {
    await ledger.close()
    await together.stop()
    await transport.close()
    await at.drop()
  })

  it('hear each other, each in its own schema', async () => {
    const heard = await until(
      async () => {
        const rows = await ledger.query<{ title: string }>('select title from heard')
        return rows.length > 0 ? rows : undefined
      },
      { describe: 'the ledger heard of the list' },
    )

    expect(heard).toEqual([{ title }])
  })

  it('are ready, and the gateway alone knows where the others are', async () => {
    const ready = await Promise.all(Object.values(together.services).map(async ({ url }) => (await fetch(`${url}/readyz`)).status))
    expect(ready).toEqual([200, 200, 200])

    const urls: unknown = await (await fetch(`${together.services['gateway']?.url}/v1/internal`)).json()
    expect(urls).toEqual({ identity: together.services['identity']?.url, ledger: together.services['ledger']?.url })
  })
})

const kafka = await testBrokers()
const brokers = 'skipped' in kafka ? undefined : kafka
const onKafka = brokers === undefined ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''

onKafka(`services on their own, on Kafka${reason}`, () => {
  let at: TestDatabase
  let ledger: Database | undefined
  const running: ServiceHandle[] = []
  beforeAll(async () => {
    at = await testDatabase({ service: 'identity', migrations: [], alongside: ['ledger'] })
    const env: Record<string, string> = {
      WEIR_BROKERS: brokers?.brokers.join(',') ?? '',
      WEIR_TOPIC_PREFIX: `host-${process.pid}-${Date.now()}.`,
      WEIR_INTERNAL_TOKEN: 'let-me-in',
      WEIR_LOG_LEVEL: 'silent',
    }
    for (const [name, { url, ownerUrl }] of Object.entries(at.schemas)) {
      env[`WEIR_DATABASE_URL_${name.toUpperCase()}`] = url
      env[`WEIR_DATABASE_OWNER_URL_${name.toUpperCase()}`] = ownerUrl
    }
    for (const definition of [speaker, listener]) running.push(await runService(definition, env))
    ledger = await openDatabase({ url: at.schemas['ledger']?.url ?? '', name: 'ledger' })
  })
  afterAll(async () => {
    await ledger?.close()
    for (const service of running) await service.stop()
    await at.drop()
    await brokers?.stop()
  })

  it('hear each other', async () => {
    const heard = await until(
      async () => {
        const rows = await ledger?.query<{ title: string }>('select title from heard')
        return rows !== undefined && rows.length > 0 ? rows : undefined
      },
      { describe: 'the ledger heard of the list over Kafka', timeoutMs: 40_000 },
    )

    expect(heard).toEqual([{ title }])
  })
})
