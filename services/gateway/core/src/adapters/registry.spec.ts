import fc from 'fast-check'
import { adapt, PLATFORMS } from '../index.js'
import { asked, catalog, one } from '../../test/adapted.js'

const trail = (eventName: string, requestParameters: unknown, more: object = {}) => ({
  eventSource: 'ec2.amazonaws.com',
  eventName,
  awsRegion: 'eu-west-1',
  eventID: 'e-1',
  eventTime: '2026-10-01T08:00:00Z',
  recipientAccountId: '000011112222',
  requestParameters,
  ...more,
})

const native = (data: object, more: object = {}) => ({
  specversion: '1.0',
  id: 'a-1',
  source: '/x',
  type: 'weir.provisioning.requested.v1',
  time: '2026-10-01T08:00:00Z',
  data,
  ...more,
})
const ask = {
  source: 'native',
  action: 'create',
  enforcement: 'pre',
  tenantRef: { system: 's', id: 't' },
  skus: [{ raw: 'x', count: 2, accelerators: [] }],
  requestedCount: { min: 1, max: 2 },
}

describe('cloudevents', () => {
  it.each([
    ['id', native(ask, { id: '' })],
    ['source', native(ask, { source: undefined })],
    ['specversion', native(ask, { specversion: '0.3' })],
    ['data', native([])],
    ['data.tenantRef.id', native({ ...ask, tenantRef: { system: 's' } })],
    ['data.skus[0].count', native({ ...ask, skus: [{ raw: 'x', count: 0 }] })],
    ['data.requestedCount', native({ ...ask, requestedCount: { min: 3, max: 2 } })],
    ['data.occurredAt', native({ ...ask, occurredAt: 'yesterday' })],
    ['data.window', native({ ...ask, window: { start: '2026-02-01', end: '2026-01-01' } })],
    ['data.delivery', native({ ...ask, delivery: 'drone' })],
  ])('names %s', (field, event) => {
    expect(one('cloudevents', event)).toMatchObject({ result: 'unreadable', reason: { detail: expect.stringContaining(field) } })
  })
  it('a sender cannot talk hardware away that the tables know', () => {
    const said = (accelerators: unknown) =>
      asked('cloudevents', native({ ...ask, provider: 'aws', skus: [{ raw: 'p5.48xlarge', count: 2, accelerators }] }))?.accelerators
    expect(said([])).toBe('unknown')
    expect(said(undefined)).toEqual([{ model: 'nvidia-h100-sxm5-80gb', count: 16 }])
  })
  it('what is not stated is unknown, and totals stand in for the SKUs', () => {
    const bare = { ...ask, skus: [{ raw: 'x', count: 2 }] }
    expect(asked('cloudevents', native(bare))?.accelerators).toBe('unknown')
    expect(asked('cloudevents', native({ ...bare, accelerators: 'none' }))?.accelerators).toBe('none')
    expect(asked('cloudevents', native({ ...bare, accelerators: [{ model: 'nvidia-b200', count: 16 }] }))?.accelerators).toEqual([
      { model: 'nvidia-b200', count: 16 },
    ])
  })
  it('a record of a platform goes to its rules whatever the type is called', () => {
    const event = native(trail('TerminateInstances', { instancesSet: { items: [{ instanceId: 'i-9' }] } }), { type: 'com.example.audit' })
    expect(one('cloudevents', event)).toMatchObject({
      result: 'request',
      requests: [{ source: 'aws-cloudtrail', action: 'delete' }],
      resourceIds: ['i-9'],
    })
    expect(one('cloudevents', native({ x: 1 }, { type: 'com.example.other' })).result).toBe('ignored')
  })
})

describe('any JSON', () => {
  it.each([...PLATFORMS])('%s answers and never throws', (platform) => {
    fc.assert(fc.property(fc.jsonValue(), (body) => adapt(platform, body, { catalog }).length > 0))
  })
  it('counts whose sum leaves the range are not read, and depth breaks nothing', () => {
    const pod = (gpus: number) => ({
      replicas: 1,
      template: { spec: { containers: [{ resources: { limits: { 'nvidia.com/gpu': gpus } } }] } },
    })
    const object = { kind: 'PyTorchJob', spec: { pytorchReplicaSpecs: { Master: pod(1_000_000), Worker: pod(1) } } }
    const review = (more: object) => ({ kind: 'AdmissionReview', request: { uid: 'u', operation: 'CREATE', object, ...more } })
    expect(one('kubernetes-admission', review({})).result).toBe('unreadable')
    const deep = (): unknown => JSON.parse(`${'{"spec":'.repeat(20_000)}1${'}'.repeat(20_000)}`)
    const daemons = () => ({ kind: 'DaemonSet', spec: deep() })
    const update = review({ operation: 'UPDATE', object: daemons(), oldObject: daemons() })
    expect(one('kubernetes-admission', update).result).toBe('needs-lookup')
  })
  it('is bounded', () => {
    const events = adapt('aws-cloudtrail', new Array<number>(6000).fill(1), { catalog })
    expect([events.length, events.at(-1)?.reason.code]).toEqual([5001, 'too-many-events'])
  })
})
