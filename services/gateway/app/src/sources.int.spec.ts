import { randomUUID } from 'node:crypto'
import { until } from '@weir/testing'
import { HostedGateway } from '../test/hosted-gateway.js'
import { decisionOn, eventMessage, submitted, type Requested } from '../test/test-events.js'

let gateway: HostedGateway
beforeAll(async () => {
  gateway = await HostedGateway.start({
    WEIR_GATEWAY_INSTALLATION: 'prod-1',
    WEIR_GATEWAY_INTAKE_SOURCES: '{"urn:trail":"aws-cloudtrail"}',
  })
})
afterAll(() => gateway.stop())

interface Results {
  readonly results: readonly { readonly result: string; readonly reason: string; readonly requests: readonly { readonly id: string }[] }[]
}
const post = async (platform: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  gateway.send(`/v1/sources/${platform}/events`, { method: 'POST', body: JSON.stringify(body), headers })
const resultsOf = async (sent: ReturnType<typeof post>) => ((await sent).body as Results).results
const idOf = async (sent: ReturnType<typeof post>): Promise<string> => {
  const [first] = await resultsOf(sent)
  const id = first?.requests[0]?.id
  if (id === undefined) throw new Error(`no request: ${JSON.stringify(first)}`)
  return id
}
const byId = (id: string) => (data: Requested) => data.requestId === id
const decideNow = async (asked: Requested & { readonly key: string }, outcome: 'approve' | 'hold' | 'deny') => {
  const data = decisionOn(asked, { outcome })
  const { key, requestId: subject } = asked
  await gateway.publish([eventMessage('weir.decision.made.v1', { key, subject, data })])
  await gateway.publish([eventMessage('weir.entry.recorded.v1', { key, subject, data: gateway.ledger.record(data) })])
}

const azure = (correlationId: string, more: object) => ({
  time: '2026-03-01T08:00:00.1234567Z',
  resourceId: '/subscriptions/AAAA-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm',
  operationName: 'Microsoft.Compute/virtualMachines/write',
  correlationId,
  ...more,
})
const asBody = (vmSize: string) => JSON.stringify({ location: 'westeurope', properties: { hardwareProfile: { vmSize } } })
const trail = (eventName: string, more: object) => ({
  eventSource: 'ec2.amazonaws.com',
  eventName,
  awsRegion: 'eu-west-1',
  eventID: randomUUID(),
  eventTime: '2026-03-01T08:00:00Z',
  recipientAccountId: '000011112222',
  ...more,
})
const launch = (ids: readonly string[]) =>
  trail('RunInstances', {
    requestParameters: { instanceType: 'p5.48xlarge', instancesSet: { items: [{ minCount: ids.length, maxCount: ids.length }] } },
    responseElements: { instancesSet: { items: ids.map((instanceId) => ({ instanceId, instanceType: 'p5.48xlarge' })) } },
  })
const terminate = (ids: readonly string[]) =>
  trail('TerminateInstances', { requestParameters: { instancesSet: { items: ids.map((instanceId) => ({ instanceId })) } } })
const native = (id: string, data: object = submitted()) => ({
  specversion: '1.0',
  type: 'weir.provisioning.requested.v1',
  source: 'orders',
  id,
  time: '2026-03-02T10:00:00Z',
  data,
})

describe('acts', () => {
  it('whose steps come one after the other are one request, asked again when more is known', async () => {
    const act = randomUUID()
    const start = azure(act, { resultType: 'Start', properties: { requestbody: asBody('Standard_D4s_v5') } })
    const id = await idOf(post('azure-activitylog', start))
    const answered = { statusCode: 'Created', responseBody: asBody('Standard_ND96isr_H100_v5') }
    const ended = azure(act, { resultType: 'Success', properties: answered })
    expect(await idOf(post('azure-activitylog', ended))).toBe(id)

    const again = await gateway.ask(byId(id), 2)
    expect(again).toMatchObject({ because: 'step', request: { skus: [{ raw: 'Standard_ND96isr_H100_v5' }] } })
    expect(await gateway.moved('started', id)).toBe(1)
    // A carrier does not make another act of it.
    expect(await idOf(post('cloudevents', { ...native(randomUUID()), type: 'azure', data: ended }))).toBe(id)
    expect(await gateway.requestedOf(byId(id))).toHaveLength(2)
  })

  it('end when the last of their resources is given back', async () => {
    const id = await idOf(post('aws-cloudtrail', launch(['i-1', 'i-2'])))
    await post('aws-cloudtrail', terminate(['i-1']))
    const marker = await idOf(post('aws-cloudtrail', launch(['i-3'])))
    await gateway.ask(byId(marker))
    expect(await gateway.moved('released', id)).toBe(0)

    await post('aws-cloudtrail', terminate(['i-2']))
    await until(async () => (await gateway.moved('released', id)) === 1, { describe: 'the release is told' })
  })

  it('of an unknown tenant are asked again under the customer once it is known', async () => {
    const tenant = { system: 'orders', id: randomUUID() }
    const id = await idOf(post('cloudevents', native(randomUUID(), submitted({ tenantRef: tenant }))))
    expect(await gateway.ask(byId(id))).toMatchObject({ key: `tenant:orders:${tenant.id}` })
    const data = { customerId: 'c-1', name: 'Customer One', tenants: [tenant, tenant] }
    await gateway.publish([eventMessage('weir.customer.registered.v1', { key: 'c-1', subject: 'c-1', data })])

    expect(await gateway.ask(byId(id), 2)).toMatchObject({ key: 'c-1', customerId: 'c-1', because: 'tenant-known' })
    const next = await idOf(post('cloudevents', native(randomUUID(), submitted({ tenantRef: tenant }))))
    expect(await gateway.ask(byId(next))).toMatchObject({ key: 'c-1', customerId: 'c-1' })
  })
})

describe('bodies', () => {
  it('in binary mode are the same event as in structured mode', async () => {
    const event = native(randomUUID())
    const { specversion, type, source, id, time, data } = event
    const headers = { 'ce-specversion': specversion, 'ce-type': type, 'ce-source': source, 'ce-id': id, 'ce-time': time }
    const request = await idOf(post('cloudevents', data, headers))

    expect(await idOf(post('cloudevents', event, { 'content-type': 'application/cloudevents+json' }))).toBe(request)
    // For other platforms the body is the record, whoever carries it.
    const carried = await resultsOf(post('aws-cloudtrail', launch(['i-9']), headers))
    expect(carried[0]?.result).toBe('request')
  })

  it('that cannot be read are kept, as they came', async () => {
    const results = await resultsOf(post('cloudevents', [native(randomUUID()), { specversion: '1.0', note: 'a\u0000b' }]))
    expect(results.map(({ result }) => result)).toEqual(['request', 'unreadable'])

    const kept = await gateway.database.query<{ body: string }>(`select body from unread_event where platform = 'cloudevents'`)
    expect(kept.map(({ body }) => body)).toContainEqual(expect.stringContaining('specversion'))
  })

  it('sent again with their idempotency key get the first answer', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const body = { note: '\ud800', huge: 1e308 }
    const first = await post('slurm', body, key)
    expect(first.status).toBe(200)
    expect((await post('slurm', body, key)).body).toEqual(first.body)
    expect((await post('slurm', { other: true }, key)).body).toMatchObject({ code: 'idempotency-key-reused' })
  })
})

describe('weir.intake', () => {
  const intake = (value: string, headers: Readonly<Record<string, string>>) =>
    gateway.publish([{ topic: 'weir.intake', key: 'any', headers, value }])
  const ofTrail = (eventID: string) => (data: Requested) => data.request.sourceEventId === eventID

  it('takes records, by header or by source', async () => {
    const [one, two] = [launch(['i-20']), launch(['i-21'])]
    await intake(JSON.stringify(one), { 'weir-platform': 'aws-cloudtrail' })
    await intake(JSON.stringify(two), { ce_specversion: '1.0', ce_source: 'urn:trail', ce_id: '1', ce_type: 'record' })
    const event = native(randomUUID())
    await intake(JSON.stringify(event.data), {
      'weir-platform': 'cloudevents',
      ce_specversion: '1.0',
      ce_type: event.type,
      ce_source: event.source,
      ce_id: event.id,
    })

    await gateway.ask(ofTrail(one.eventID))
    await gateway.ask(ofTrail(two.eventID))
    await gateway.ask(ofTrail(event.id))
  })

  it('keeps what it cannot read and goes on', async () => {
    await intake('no JSON', { 'weir-platform': 'slurm' })
    await intake('{}', { ce_source: 'constructor' })
    const good = launch(['i-22'])
    await intake(JSON.stringify(good), { 'weir-platform': 'aws-cloudtrail' })
    await gateway.ask(ofTrail(good.eventID))

    const kept = await gateway.database.query<{ reason: string }>('select reason from unread_event')
    const reasons = kept.map(({ reason }) => reason)
    expect(reasons).toContain('the value is not JSON')
    expect(reasons).toContain('no adapter for a message without weir-platform')
  })
})

describe('an admission review', () => {
  const review = (namespace: string, operation = 'CREATE') => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: `w-${namespace}`,
      namespace,
      operation,
      userInfo: { username: 'dev@example.com', groups: ['system:authenticated'] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `w-${namespace}`, namespace },
        spec: { containers: [{ name: 'main', image: 'trainer:1', resources: { limits: { 'nvidia.com/gpu': '8' } } }] },
      },
    },
  })
  const admit = (body: unknown) =>
    gateway.send('/v1/sources/kubernetes-admission/events?answer=admission', { method: 'POST', body: JSON.stringify(body) })

  it.each([
    ['approve', true],
    ['hold', false],
  ] as const)('waits for the decision: %s', async (outcome, allowed) => {
    const body = review(`team-${outcome}`)
    const admitting = admit(body)
    const asked = await gateway.ask((data) => data.request.tenantRef?.id === `team-${outcome}`)
    await decideNow(asked, outcome)
    const reply = await admitting

    expect(reply.body).toMatchObject({ kind: 'AdmissionReview', response: { uid: body.request.uid, allowed } })
  })

  it('that asks for nothing passes, and one that cannot be read does not', async () => {
    expect((await admit(review('team-conf', 'CONNECT'))).body).toMatchObject({ response: { allowed: true } })
    expect((await admit({ kind: 'AdmissionReview' })).body).toMatchObject({ response: { allowed: false } })
  })
})
