import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { EventData } from '@weir/contracts'
import { eventsOf, hostIdentity, type HostedIdentity } from '../test/hosted-identity.js'

const demoFile = resolve(import.meta.dirname, '../../../../demo/screening-list.csv')
const demoList = readFileSync(demoFile, 'utf8')
const publishedFile = resolve(
  import.meta.dirname,
  '../../../..',
  process.env['WEIR_SHARED'] ?? '../shared',
  'data/screening/consolidated.csv',
)
const itWithData = existsSync(publishedFile) ? it : it.skip
const json = (method: string, body: unknown) => ({ method, body: JSON.stringify(body) })
const csv = (method: string, body: string) => ({ method, body, headers: { 'content-type': 'text/csv; charset=utf-8' } })

const tenant = (id: string) => ({ system: 'aws', id })
const request = (tenantId: string | undefined, changes: Partial<EventData<'weir.provisioning.requested.v1'>> = {}) => ({
  requestId: randomUUID(),
  ask: 1,
  because: 'received' as const,
  receivedAt: '2026-08-01T00:00:00.000Z',
  request: {
    source: 'aws',
    action: 'create' as const,
    enforcement: 'pre' as const,
    skus: [],
    ...(tenantId === undefined ? {} : { tenantRef: tenant(tenantId) }),
  },
  ...changes,
})
const registration = (customerId: string, changes: Record<string, unknown> = {}) => ({
  customerId,
  name: `Plain Demo ${customerId}`,
  registeredIn: 'DE',
  headquarters: 'DE',
  noneAbove: true,
  tenants: [tenant(`t-${customerId}`)],
  ...changes,
})
const listedOwner = { partyId: 'p-1', name: 'example blocked holding J.S.C.', sharePercent: 60, headquarters: 'RU', noneAbove: true }
const founder = { partyId: 'p-2', name: 'Demo Founder', kind: 'person', sharePercent: 40 }

describe('identity', () => {
  let identity: HostedIdentity
  beforeAll(async () => {
    identity = await hostIdentity()
  })
  afterAll(() => identity.stop())

  const register = async (customerId: string, changes: Record<string, unknown> = {}) =>
    await identity.send('/v1/customers', json('POST', registration(customerId, changes)))
  const askFor = async (data: EventData<'weir.provisioning.requested.v1'>) => {
    identity.events()
    await identity.ask([{ key: 'a key', data }])
    return eventsOf(identity.events(), 'weir.identity.assessed.v1')
  }
  const withPlainListInForce = () => identity.send('/v1/lists/screening', csv('PUT', demoList))

  it('flags that nobody was screened until a list is in force, and answers again then', async () => {
    await register('first')
    const [assessed] = await askFor(request('t-first'))
    expect(assessed?.data.redFlags.map((flag) => flag.code)).toEqual(['no-screening-list'])

    const put = await identity.send('/v1/lists/screening?title=Demo', csv('PUT', demoList))

    expect(put).toMatchObject({ status: 200, body: { title: 'Demo', entries: 12, activated: true, reassessed: 1 } })
    const events = identity.events()
    const [activated] = eventsOf(events, 'weir.list.activated.v1')
    const [reassessed] = eventsOf(events, 'weir.identity.reassessed.v1')
    expect(reassessed).toMatchObject({ key: 'a key', data: { requestId: assessed?.data.requestId, redFlags: [] } })
    expect(reassessed?.data.pins.lists).toBe(activated?.data.digest)
    expect(await withPlainListInForce()).toMatchObject({ body: { activated: false } })
    expect(identity.events()).toEqual([])
    expect(await identity.send('/v1/lists')).toMatchObject({ body: { items: [{ title: 'Demo', active: true, entries: 12 }] } })
  })

  it('assesses a batch in order, under the keys it came with', async () => {
    await withPlainListInForce()
    await register('batch', { name: 'EXAMPLE LISTED SYSTEMS CO LTD' })
    const asks = [request('t-batch'), request('nobody'), request(undefined), request('t-batch')]
    identity.events()
    await identity.ask(asks.map((data, index) => ({ key: `key-${index}`, data })))
    const assessed = eventsOf(identity.events(), 'weir.identity.assessed.v1')
    expect(assessed.map((event) => [event.key, event.data.requestId, event.data.subject.state])).toEqual([
      ['key-0', asks[0]?.requestId, 'known'],
      ['key-1', asks[1]?.requestId, 'unknown-tenant'],
      ['key-2', asks[2]?.requestId, 'unknown-tenant'],
      ['key-3', asks[3]?.requestId, 'known'],
    ])
    expect(assessed[0]?.data.hits).toEqual([expect.objectContaining({ list: 'EL', entryId: 'demo-el-0001', relation: 'self' })])
  })

  it('registers once per idempotency key and tells it once', async () => {
    const init = { ...json('POST', registration('once')), key: 'same' }
    const first = await identity.send('/v1/customers', init)
    const events = eventsOf(identity.events(), 'weir.customer.registered.v1')
    const second = await identity.send('/v1/customers', init)
    expect(first).toMatchObject({ status: 201, body: { customerId: 'once', revision: 1, changed: true } })
    expect(second).toEqual(first)
    expect(events.map((event) => [event.key, event.data.tenants])).toEqual([['once', [tenant('t-once')]]])
    expect(identity.events()).toEqual([])
    expect(await register('once')).toMatchObject({ status: 409, body: { code: 'customer-exists' } })
  })

  it('refuses a tenant that belongs to another customer', async () => {
    await register('holder')
    expect(await register('rival', { tenants: [tenant('t-holder')] })).toMatchObject({ status: 409, body: { code: 'tenant-taken' } })
    const added = await identity.send('/v1/customers/once/tenants', json('POST', tenant('t-holder')))
    expect(added).toMatchObject({ status: 409, body: { code: 'tenant-taken', errors: [{ pointer: '/tenants/0' }] } })
    expect(await identity.send('/v1/customers/nobody/tenants', json('POST', tenant('x')))).toMatchObject({ status: 404 })
  })

  it('refuses what is malformed with pointers', async () => {
    expect(await register('bad', { headquarters: 'Germany' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/headquarters' }] },
    })
    const owners = [
      { ...founder, sharePercent: 80 },
      { ...listedOwner, sharePercent: 80 },
    ]
    expect(await register('bad', { owners })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/owners' }] } })
    for (const name of ['a\ud800', 'a\0b']) expect(await register('bad', { name })).toMatchObject({ status: 422 })
    const levels = 3000
    const deep = `${'{"partyId":"p","name":"p","owners":['.repeat(levels)}${']}'.repeat(levels)}`
    const body = `{"customerId":"bad","name":"Demo","owners":[${deep}]}`
    expect(await identity.send('/v1/customers', { method: 'POST', body })).toMatchObject({ status: 422, body: { code: 'invalid-body' } })
  })

  it('assesses again when owners change, and only tells of what changed', async () => {
    await withPlainListInForce()
    await register('moving')
    await askFor(request('t-moving'))
    const body = { name: 'Plain Demo moving', registeredIn: 'DE', headquarters: 'DE', owners: [listedOwner, founder] }

    const put = await identity.send('/v1/customers/moving', json('PUT', body))

    expect(put).toMatchObject({ status: 200, body: { revision: 2, reassessed: 1, tenants: [tenant('t-moving')] } })
    const events = identity.events()
    expect(eventsOf(events, 'weir.customer.changed.v1')).toHaveLength(1)
    const [reassessed] = eventsOf(events, 'weir.identity.reassessed.v1')
    expect(reassessed?.data).toMatchObject({
      listedOwnershipPercent: 60,
      hits: [{ list: 'SDN', partyId: 'p-1', relation: 'owner' }],
      subject: { ultimateParent: { partyId: 'p-1', headquarters: 'RU' }, ownershipComplete: true },
    })
    expect(await identity.send('/v1/customers/moving', json('PUT', body))).toMatchObject({ body: { changed: false, revision: 2 } })
    expect(identity.events()).toEqual([])
    expect(await identity.send('/v1/customers/moving')).toMatchObject({
      body: {
        ownership: { owners: [{ partyId: 'p-1', sharePercent: 60 }, { partyId: 'p-2' }] },
        assessment: { listedOwnershipPercent: 60 },
      },
    })
  })

  it('assesses only the customers that a new list touches', async () => {
    await withPlainListInForce()
    await register('touched', { name: 'Newly Listed Demo' })
    await askFor(request('t-touched'))
    const longer = `${demoList}"demo-el-0099","Entity List (EL) - Bureau of Industry and Security",,,,"Newly Listed Demo"${','.repeat(23)}\n`
    expect(await identity.send('/v1/lists/screening', csv('PUT', longer))).toMatchObject({ body: { entries: 13, reassessed: 1 } })
    expect(eventsOf(identity.events(), 'weir.identity.reassessed.v1')[0]?.data.hits).toHaveLength(1)
    expect(await withPlainListInForce()).toMatchObject({ body: { activated: true, reassessed: 1 } })
    expect(eventsOf(identity.events(), 'weir.identity.reassessed.v1')[0]?.data.hits).toHaveLength(0)
  })

  it('keeps the latest ask of a request and takes a tenant away again', async () => {
    await register('leaving')
    const first = request('t-leaving')
    await askFor(first)
    await askFor({ ...first, ask: 2 })
    await askFor(first)
    const put = await identity.send('/v1/customers/leaving', json('PUT', { name: 'Plain Demo leaving', noneAbove: true, tenants: [] }))
    expect(put).toMatchObject({ body: { reassessed: 1 } })
    const [reassessed] = eventsOf(identity.events(), 'weir.identity.reassessed.v1')
    expect(reassessed?.data).toMatchObject({ ask: 2, subject: { state: 'unknown-tenant' } })
  })

  it('lists the tenants that ask without being known', async () => {
    await askFor(request('gap'))
    await askFor(request('gap'))
    const gaps = async () => JSON.stringify((await identity.send('/v1/tenants/gaps')).body)
    expect(await gaps()).toMatch(/"system":"aws","id":"gap","requests":2/)
    await identity.send('/v1/customers/once/tenants', json('POST', { tenants: [tenant('gap')] }))
    expect(eventsOf(identity.events(), 'weir.customer.changed.v1')[0]?.data.tenants).toEqual([tenant('gap'), tenant('t-once')])
    expect(await gaps()).not.toMatch(/"id":"gap"/)
  })

  it('pages customers', async () => {
    const first = await identity.send('/v1/customers?limit=2')
    expect(first.body).toMatchObject({ items: [{ customerId: 'batch' }, { customerId: 'first' }], next: 'first' })
    expect(await identity.send('/v1/customers?limit=1&after=first')).toMatchObject({ body: { items: [{ customerId: 'holder' }] } })
  })

  it('foretells an import row by row and writes nothing', async () => {
    await withPlainListInForce()
    const waiting = request('t-i-1')
    await askFor(waiting)
    const rows = [
      registration('i-1', { owners: [listedOwner, founder], noneAbove: false }),
      registration('i-2', { headquarters: undefined, noneAbove: undefined }),
      registration('holder', { name: 'Renamed Demo' }),
      registration('i-4', { tenants: [tenant('t-holder')] }),
      { customerId: 'i-5' },
    ]
    const foretold = await identity.send('/v1/customers:import?dryRun=true', json('POST', rows))
    expect(foretold).toMatchObject({
      status: 200,
      body: {
        dryRun: true,
        summary: { rows: 5, create: 2, change: 1, unchanged: 0, refused: 2, held: 2 },
        rows: [
          { row: 1, action: 'create', held: [{ code: 'listed-owner' }], requests: [waiting.requestId] },
          { row: 2, action: 'create', held: [{ code: 'unknown-owner' }, { code: 'unknown-headquarters' }], requests: [] },
          { row: 3, action: 'change', held: [] },
          { row: 4, action: 'refused', problems: [{ code: 'tenant-taken' }] },
          { row: 5, action: 'refused', customerId: 'i-5', problems: [{ pointer: '/name' }] },
        ],
      },
    })
    expect(await identity.send('/v1/customers:import', json('POST', rows))).toMatchObject({ status: 409, body: { code: 'import-refused' } })
    expect(await identity.send('/v1/customers/i-1')).toMatchObject({ status: 404 })
    expect(identity.events()).toEqual([])
    expect(await identity.send('/v1/customers:import?dryRun=yes', json('POST', rows))).toMatchObject({ status: 400 })
  })

  it('imports a CSV as a whole', async () => {
    const text = [
      'customerId,name,headquarters,noneAbove,tenants,owners',
      'csv-1,Demo One,DE,true,aws|csv-1; kubernetes:prod-1|team-a,',
      `csv-2,Demo Two,FR,,,"[{""partyId"":""x"",""name"":""X Demo"",""kind"":""person"",""sharePercent"":100}]"`,
    ].join('\n')
    const imported = await identity.send('/v1/customers:import', csv('POST', text))
    expect(imported).toMatchObject({ status: 200, body: { dryRun: false, summary: { create: 2, held: 0 } } })
    expect(eventsOf(identity.events(), 'weir.customer.registered.v1').map((event) => event.key)).toEqual(['csv-1', 'csv-2'])
    expect(await identity.send('/v1/customers/csv-1')).toMatchObject({
      body: { tenants: [tenant('csv-1'), { system: 'kubernetes:prod-1', id: 'team-a' }] },
    })
    expect(await identity.send('/v1/customers:import', csv('POST', 'customerId,nane\nx,y'))).toMatchObject({ status: 422 })
  })

  it('refuses a list with bad rows and keeps the one in force', async () => {
    const bad = `${demoList}"","",,,,""${','.repeat(23)}\n`
    const put = await identity.send('/v1/lists/screening', csv('PUT', bad))
    expect(put).toMatchObject({ status: 422, body: { code: 'list-refused', errors: [{ pointer: '/14/_id' }, {}, {}] } })
    expect(await identity.send('/v1/lists/screening', json('PUT', {}))).toMatchObject({ status: 415 })
    expect(await withPlainListInForce()).toMatchObject({ body: { activated: false } })
  })

  itWithData('puts the whole published list into force', async () => {
    const put = await identity.send('/v1/lists/screening', csv('PUT', readFileSync(publishedFile, 'utf8')))
    expect(put).toMatchObject({ status: 200, body: { entries: 25_921, activated: true } })
    await register('published', { name: 'Rim Ryong-Nam' })
    const [assessed] = await askFor(request('t-published'))
    expect(assessed?.data.hits).toEqual([expect.objectContaining({ list: 'SDN', entryName: 'RIM, Ryong Nam' })])
  })

  it('serializes commands and assessments that meet', async () => {
    const asks = Array.from({ length: 20 }, (_, index) => request(`meet-${index % 4}`))
    const commands = [0, 1, 2, 3].map((n) => register(`meet-${n}`, { tenants: [tenant(`meet-${n}`)] }))
    const handled = asks.map((data) => identity.ask([{ key: 'k', data }]))
    const lists = [demoList.replaceAll('demo-uvl', 'other-uvl'), demoList].map((text) =>
      identity.send('/v1/lists/screening', csv('PUT', text)),
    )
    const answers = await Promise.all([...commands, ...lists])
    await Promise.all(handled)
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 200, 200])
  })
})

describe('identity with a configured list', () => {
  let identity: HostedIdentity
  beforeAll(async () => {
    identity = await hostIdentity()
  })
  afterAll(() => identity.stop())
  const titles = async () => JSON.stringify((await identity.send('/v1/lists')).body)

  it('loads the file where no list is in force, and leaves the one that is', async () => {
    await identity.restart({ WEIR_IDENTITY_LIST_FILE: demoFile })
    expect(await titles()).toMatch(/"title":"Screening list of screening-list.csv","entries":12/)
    expect(eventsOf(identity.events(), 'weir.list.activated.v1')).toHaveLength(1)
    await identity.restart({ WEIR_IDENTITY_LIST_FILE: '/nowhere' })
    expect(await titles()).toMatch(/"active":true/)
  })

  it('does not start with a file that is no list', async () => {
    const other = await hostIdentity()
    const file = join(mkdtempSync(join(tmpdir(), 'weir-identity-')), 'list.csv')
    writeFileSync(file, 'a,b\n')
    await expect(other.restart({ WEIR_IDENTITY_LIST_FILE: file })).rejects.toMatchObject({ code: 'list-file-refused' })
    await other.stop()
  })
})
