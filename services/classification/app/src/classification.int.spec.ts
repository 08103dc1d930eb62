import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import type { INestApplicationContext } from '@nestjs/common'
import { catalog as contracts, type EventData } from '@weir/contracts'
import type { NewEvent, Received, UnitOfWork, UnitOfWorkRunner } from '@weir/messaging'
import { testDatabase, type TestDatabase } from '@weir/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { classificationModule } from './classification.module.js'
import { ProvisioningController } from './inbound/provisioning.controller.js'
import { SkusController } from './inbound/skus.controller.js'
import { classificationService } from './service.js'

type Requested = EventData<'weir.provisioning.requested.v1'>

const NOW = new Date('2026-11-23T12:00:00.000Z')
const REQUEST = '11111111-1111-4111-8111-111111111111'
const OTHER = '22222222-2222-4222-8222-222222222222'
const OFFICER = { 'weir-actor': 'officer-1', 'weir-scopes': 'catalog:write' }

let db: TestDatabase
let app: INestApplicationContext
let emitted: NewEvent[]

/** Runs in a real transaction and keeps what was emitted, once it has committed. */
const unitOfWork: UnitOfWorkRunner = {
  run: async (_name, work) => {
    const events: NewEvent[] = []
    const result = await db.database.inTransaction((tx) => {
      const unit: UnitOfWork = { tx, now: NOW, emit: (event) => void events.push(event), afterCommit: () => undefined }
      return work(unit)
    })
    emitted.push(...events)
    return result
  },
  outboxDepth: () => 0,
}

beforeAll(async () => {
  db = await testDatabase({ service: 'classification', migrations: classificationService.migrations })
  const config = classificationService.config.parse({})
  const parking = { list: () => Promise.resolve([]), redrive: () => Promise.resolve(0) }
  const load = { outboxDepth: () => 0, outboxAgeMs: () => 0, lag: () => Promise.resolve([]), eventLoopDelayMs: () => 0 }
  const deps = { config, database: db.database, unitOfWork, logger: pino({ level: 'silent' }), metrics: new Registry(), parking, load }
  app = await NestFactory.createApplicationContext(classificationModule(deps), { logger: false })
})

afterAll(async () => {
  await app.close()
  await db.drop()
})

beforeEach(async () => {
  emitted = []
  for (const table of ['ask_sku', 'ask', 'site_mapping', 'command_log']) await db.database.query(`delete from ${table}`)
  await db.database.query('update catalog_state set version = version + 1')
})

function requested(
  more: Partial<Requested> & { skus: Requested['request']['skus']; provider?: string },
): Received<'weir.provisioning.requested.v1'> {
  const { skus, provider = 'aws', ...data } = more
  const event = {
    requestId: REQUEST,
    ask: 1,
    because: 'received' as const,
    receivedAt: NOW.toISOString(),
    request: { source: 'test', action: 'create' as const, enforcement: 'pre' as const, provider, skus, region: { raw: 'us-east-1' } },
    ...data,
  }
  const id = `00000000-0000-4000-8000-${String(event.ask).padStart(4, '0')}${event.requestId.slice(0, 8)}`
  const type = 'weir.provisioning.requested.v1'
  return { id, type, source: '/weir/gateway', subject: event.requestId, key: 'customer-1', time: event.receivedAt, data: event }
}

const receive = (...events: Received<'weir.provisioning.requested.v1'>[]) =>
  unitOfWork.run('requested', (unit) => app.get(ProvisioningController).onRequested(events, unit))
const map = (key: string, body: unknown) => app.get(SkusController).map({ ...OFFICER, 'idempotency-key': key }, body)

describe('a received request', () => {
  it('is classified, in the form of the contract and under the key it came with', async () => {
    await receive(
      requested({ skus: [{ raw: 'p5.48xlarge', count: 2 }] }),
      requested({ requestId: OTHER, skus: [{ raw: 'm5.large', count: 1 }] }),
    )
    expect(emitted).toMatchObject([
      {
        type: 'weir.workload.classified.v1',
        key: 'customer-1',
        subject: REQUEST,
        data: { paragraph: '3A090.a', totals: { accelerators: 16 } },
      },
      { subject: OTHER, data: { resolution: 'none', paragraph: 'none', region: { country: 'US', relation: 'own' } } },
    ])
    for (const event of emitted) expect(contracts['weir.workload.classified.v1'].schema.safeParse(event.data).error).toBeUndefined()
  })

  it('may come twice', async () => {
    const event = requested({ skus: [{ raw: 'p9.48xlarge', count: 2 }] })
    await receive(event, event)
    await receive(event)
    expect(await app.get(SkusController).gaps()).toMatchObject({ items: [{ provider: 'aws', raw: 'p9.48xlarge', openAsks: 1 }] })
  })

  it('counts a gap for its latest ask only, in whatever order the asks come', async () => {
    await receive(requested({ ask: 2, skus: [{ raw: 'p5.48xlarge', count: 1 }] }))
    await receive(requested({ ask: 1, skus: [{ raw: 'p9.48xlarge', count: 1 }] }))
    expect(await app.get(SkusController).gaps()).toEqual({ items: [] })
    await receive(requested({ ask: 3, skus: [{ raw: 'ml.P9.48xlarge', count: 1 }] }))
    await receive(requested({ ask: 2, skus: [{ raw: 'p5.48xlarge', count: 1 }] }))
    expect(await app.get(SkusController).gaps()).toMatchObject({ items: [{ raw: 'p9.48xlarge', openAsks: 1 }] })
  })
})

describe('a machine name of the site', () => {
  const H100 = [{ model: 'nvidia-h100-sxm5-80gb', count: 8 }]

  it('reclassifies the asks that hold it, each under its own key, and closes the gap', async () => {
    await receive(requested({ provider: 'openstack', skus: [{ raw: 'gpu.huge', count: 4 }] }))
    await receive({ ...requested({ requestId: OTHER, provider: 'openstack', skus: [{ raw: 'GPU.huge', count: 1 }] }), key: 'customer-2' })
    const before = emitted.map((event) => event.data)
    emitted = []
    expect(await map('k1', { provider: 'openstack', raw: 'gpu.huge', accelerators: H100 })).toMatchObject({ reclassifiedAsks: 2 })
    expect(emitted.map(({ type, key }) => ({ type, key })).sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { type: 'weir.workload.reclassified.v1', key: 'customer-1' },
      { type: 'weir.workload.reclassified.v1', key: 'customer-2' },
    ])
    expect(emitted.find((event) => event.key === 'customer-1')).toMatchObject({
      data: { resolution: 'accelerators', totals: { accelerators: 32 } },
    })
    expect(before).toMatchObject([{ resolution: 'unknown', paragraph: 'unknown' }, { resolution: 'unknown' }])
    expect(emitted[0]?.data).not.toMatchObject({ pins: (before[0] as EventData<'weir.workload.classified.v1'>).pins })
    expect(await app.get(SkusController).gaps()).toEqual({ items: [] })
    expect(await app.get(SkusController).resolve('openstack', 'gpu.huge')).toMatchObject({ kind: 'accelerators', accelerators: H100 })
  })

  it('answers a repeated command the same, and refuses its key for another one', async () => {
    await receive(requested({ provider: 'openstack', skus: [{ raw: 'gpu.huge', count: 4 }] }))
    const body = { provider: 'openstack', raw: 'gpu.huge', accelerators: H100 }
    const first = await map('k1', body)
    emitted = []
    expect(await map('k1', body)).toEqual(first)
    expect(emitted).toEqual([])
    await expect(map('k1', { ...body, accelerators: 'none' })).rejects.toMatchObject({ code: 'idempotency-key-reused' })
  })

  it('can be corrected, and reclassifies what rested on it', async () => {
    await receive(requested({ provider: 'openstack', skus: [{ raw: 'gpu.huge', count: 1 }] }))
    await map('k1', { provider: 'openstack', raw: 'gpu.huge', accelerators: 'none' })
    await map('k2', { provider: 'openstack', raw: 'gpu.huge', accelerators: H100 })
    expect(emitted.map((event) => event.data)).toMatchObject([{ resolution: 'unknown' }, { resolution: 'none' }, { paragraph: '3A090.a' }])
  })

  it('serves requests that come after it', async () => {
    await map('k1', { provider: 'openstack', raw: 'gpu.huge', accelerators: [] })
    await receive(requested({ provider: 'openstack', skus: [{ raw: 'gpu.huge', count: 1 }] }))
    expect(emitted.map((event) => event.data)).toMatchObject([{ resolution: 'none' }])
  })

  it.each([
    [{ provider: 'aws', raw: 'p5.48xlarge', accelerators: 'none' }, 'sku-listed', 409],
    [{ provider: 'aws', raw: 'm5.large', accelerators: 'none' }, 'sku-listed', 409],
    [{ provider: 'site', raw: 'x', accelerators: [{ model: 'nobody-x1', count: 1 }] }, 'part-not-listed', 422],
    [{ provider: 'aws', raw: 'p5.96xlarge', accelerators: 'none' }, 'part-missing', 422],
    [{ provider: 'site', raw: 'x' }, 'invalid-body', 422],
  ])('refuses %j: %s', async (body, code, status) => {
    await expect(map('k1', body)).rejects.toMatchObject({ code, status })
    expect(await db.database.query('select 1 from command_log')).toEqual([])
  })

  it('is not for everyone', async () => {
    const headers = { 'weir-actor': 'platform', 'weir-scopes': 'decide', 'idempotency-key': 'k1' }
    await expect(app.get(SkusController).map(headers, { raw: 'x', accelerators: 'none' })).rejects.toMatchObject({ status: 403 })
  })
})

it('a mapping waits for an ask that is being saved as unknown, and then reclassifies it', async () => {
  let mapping: Promise<unknown> | undefined
  await unitOfWork.run('requested', async (unit) => {
    await app.get(ProvisioningController).onRequested([requested({ provider: 'openstack', skus: [{ raw: 'gpu.huge', count: 1 }] })], unit)
    mapping = map('k1', { provider: 'openstack', raw: 'gpu.huge', accelerators: 'none' })
  })
  expect(await mapping).toMatchObject({ reclassifiedAsks: 1 })
})
