import { adapt } from '../index.js'
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

describe('aws-cloudtrail', () => {
  it('reads a log file with several records in order', () => {
    const events = adapt('aws-cloudtrail', { Records: [trail('StopInstances', {}), trail('DescribeInstances', {}), 7] }, { catalog })
    expect(events.map(({ result }) => result)).toEqual(['ignored', 'ignored', 'unreadable'])
  })
  it('sums the items of a launch', () => {
    const items = [
      { minCount: 1, maxCount: 2 },
      { minCount: 3, maxCount: 4 },
    ]
    expect(asked('aws-cloudtrail', trail('RunInstances', { instanceType: 'p5.48xlarge', instancesSet: { items } }))).toMatchObject({
      requestedCount: { min: 4, max: 6 },
      skus: [{ raw: 'p5.48xlarge', count: 6 }],
      accelerators: [{ model: 'nvidia-h100-sxm5-80gb', count: 48 }],
    })
  })
  it('names the count that is below 1', () => {
    const event = one(
      'aws-cloudtrail',
      trail('RunInstances', { instanceType: 't2.micro', instancesSet: { items: [{ minCount: 1, maxCount: 0 }] } }),
    )
    expect(event).toMatchObject({ result: 'unreadable', reason: { code: 'field-invalid', detail: expect.stringContaining('maxCount') } })
  })
  it.each([
    ['StartInstances', { instancesSet: { items: [{ instanceId: 'i-1' }] } }, 'needs-lookup', 'start'],
    ['ModifyInstanceAttribute', { instanceId: 'i-1', instanceType: { value: 'p4d.24xlarge' } }, 'request', 'resize'],
    ['ModifyInstanceAttribute', { instanceId: 'i-1', disableApiTermination: { value: true } }, 'ignored', undefined],
    [
      'CreateCapacityReservation',
      { CreateCapacityReservationRequest: { InstanceType: 'p5.48xlarge', InstanceCount: 4 } },
      'request',
      'create',
    ],
    ['AllocateHosts', { quantity: 2, instanceFamily: 'p5' }, 'needs-lookup', 'create'],
    ['CreateFleet', { CreateFleetRequest: { TargetCapacitySpecification: { TotalTargetCapacity: 3 } } }, 'needs-lookup', 'create'],
    ['FrobnicateInstances', {}, 'needs-lookup', 'observe'],
    ['CreateVolume', {}, 'ignored', undefined],
  ])('%s %j', (name, parameters, result, action) => {
    const event = one('aws-cloudtrail', trail(name, parameters))
    expect([event.result, event.requests[0]?.action]).toEqual([result, action])
  })
  it('without a type the launch template must be looked up', () => {
    const event = one(
      'aws-cloudtrail',
      trail('RunInstances', { launchTemplate: { launchTemplateId: 'lt-1' }, instancesSet: { items: [{ minCount: 2, maxCount: 2 }] } }),
    )
    expect(event).toMatchObject({
      result: 'needs-lookup',
      requests: [{ requestedCount: { min: 2, max: 2 }, accelerators: 'unknown', skus: [] }],
    })
  })
})

const azure = (operationName: string, more: object = {}) => ({
  time: '2026-10-01T08:00:00.1234567Z',
  resourceId: '/subscriptions/AAAA-1/resourceGroups/rg/providers/x/y/pool',
  operationName,
  correlationId: 'c-1',
  ...more,
})

describe('azure-activitylog', () => {
  it('an answered write with OK changes what was there', () => {
    const responseBody = JSON.stringify({ location: 'westeurope', sku: { name: 'Standard_D4s_v5', capacity: 3 } })
    const body = azure('Microsoft.Compute/virtualMachineScaleSets/write', {
      resultType: 'Success',
      properties: { statusCode: 'OK', responseBody },
    })
    expect(asked('azure-activitylog', body)).toMatchObject({
      action: 'resize',
      accelerators: 'none',
      grantedCount: 3,
      tenantRef: { system: 'azure', id: 'aaaa-1' },
    })
  })
  it('a Start shows the ask in its own body, a Failure gives nothing', () => {
    const requestbody = JSON.stringify({ location: 'westeurope', properties: { hardwareProfile: { vmSize: 'Standard_ND96isr_H100_v5' } } })
    const start = azure('Microsoft.Compute/virtualMachines/write', { resultType: 'Start', properties: { requestbody } })
    expect(asked('azure-activitylog', start)).toMatchObject({ outcome: 'pending', grantedCount: null, skus: [{ count: 1 }] })
    expect(asked('azure-activitylog', { ...start, resultType: 'Failure' })).toMatchObject({ outcome: 'failed', grantedCount: 0 })
  })
  it.each([
    ['Microsoft.Compute/virtualMachines/deallocate/action', 'ignored'],
    ['Microsoft.Compute/virtualMachines/extensions/write', 'ignored'],
    ['Microsoft.Compute/virtualMachines/start/action', 'needs-lookup'],
    ['Microsoft.Compute/virtualMachines/delete', 'request'],
    ['Microsoft.Compute/virtualMachines/frobnicate/action', 'needs-lookup'],
    ['Microsoft.Storage/storageAccounts/write', 'ignored'],
    ['Microsoft.MachineLearningServices/workspaces/jobs/write', 'request'],
  ])('%s is %s', (operation, result) => {
    expect(one('azure-activitylog', azure(operation)).result).toBe(result)
  })
  it('steps of one act share a key', () => {
    const keys = ['Start', 'Accept', 'Success'].map(
      (resultType) => one('azure-activitylog', azure('MICROSOFT.COMPUTE/virtualMachines/WRITE', { resultType })).step?.actKey,
    )
    expect(new Set(keys).size).toBe(1)
  })
})

const gcp = (methodName: string, request: unknown, more: { operation?: object; payload?: object; service?: string } = {}) => ({
  insertId: 'i-1',
  timestamp: '2026-10-01T08:00:00.5Z',
  resource: { type: 'gce_instance', labels: { project_id: 'p-1', zone: 'us-east1-b' } },
  operation: more.operation,
  protoPayload: { serviceName: more.service ?? 'compute.googleapis.com', methodName, request, ...more.payload },
})

describe('gcp-auditlog', () => {
  it('adds attached accelerators to a machine that carries none, and only there', () => {
    const n1 = {
      machineType: 'n1-standard-8',
      guestAccelerators: [{ acceleratorType: 'projects/p/zones/z/acceleratorTypes/nvidia-tesla-v100', acceleratorCount: 4 }],
    }
    expect(asked('gcp-auditlog', gcp('v1.compute.instances.insert', n1))).toMatchObject({
      skus: [{ raw: 'n1-standard-8' }, { raw: 'nvidia-tesla-v100', count: 4 }],
      accelerators: [{ model: 'nvidia-v100-sxm2-16gb', count: 4 }],
    })
    const a2 = { machineType: 'a2-highgpu-2g', guestAccelerators: [{ acceleratorType: 'nvidia-tesla-a100', acceleratorCount: 2 }] }
    expect(asked('gcp-auditlog', gcp('beta.compute.instances.insert', a2))?.accelerators).toEqual([
      { model: 'nvidia-a100-sxm4-40gb', count: 2 },
    ])
    expect(asked('gcp-auditlog', gcp('v1.compute.instances.insert', { machineType: 'n1-standard-8' }))?.accelerators).toBe('none')
  })
  it('a status code is a refusal', () => {
    const body = gcp('v1.compute.instances.insert', { machineType: 'a3-highgpu-8g' }, { payload: { status: { code: 7 } } })
    expect(asked('gcp-auditlog', body)).toMatchObject({ outcome: 'failed', grantedCount: 0 })
  })
  it('joins first and last in any order', () => {
    const first = gcp('v1.compute.instances.insert', { machineType: 'a3-highgpu-8g' }, { operation: { id: 'op', first: true } })
    const last = {
      ...gcp('v1.compute.instances.insert', {}, { operation: { id: 'op', last: true } }),
      insertId: 'i-2',
      timestamp: '2026-10-01T08:01:00Z',
    }
    for (const body of [
      [first, last],
      [last, first],
    ])
      expect(one('gcp-auditlog', body)).toMatchObject({
        result: 'request',
        requests: [{ sourceEventId: 'i-1', outcome: 'succeeded', grantedCount: 1 }],
      })
  })
  it('reads managed jobs by tier and by machine', () => {
    const job = (trainingInput: object) =>
      gcp('google.cloud.ml.v1.JobService.CreateJob', { job: { trainingInput } }, { service: 'ml.googleapis.com' })
    expect(one('gcp-auditlog', job({ scaleTier: 'BASIC_GPU' }))).toMatchObject({
      result: 'request',
      requests: [{ skus: [{ raw: 'BASIC_GPU', count: 1 }], accelerators: 'unknown' }],
    })
    expect(
      asked('gcp-auditlog', job({ scaleTier: 'CUSTOM', masterType: 'n2-standard-4', workerType: 'a2-highgpu-8g', workerCount: '3' })),
    ).toMatchObject({
      requestedCount: { min: 4, max: 4 },
      accelerators: [{ model: 'nvidia-a100-sxm4-40gb', count: 24 }],
    })
    const pools = [
      { machineSpec: { machineType: 'n1-standard-8', acceleratorType: 'NVIDIA_TESLA_T4', acceleratorCount: 2 }, replicaCount: '5' },
    ]
    const custom = gcp(
      'google.cloud.aiplatform.v1.JobService.CreateCustomJob',
      { customJob: { jobSpec: { workerPoolSpecs: pools } } },
      { service: 'aiplatform.googleapis.com' },
    )
    expect(asked('gcp-auditlog', custom)?.accelerators).toEqual([{ model: 'nvidia-t4', count: 10 }])
  })
  it.each([
    ['v1.compute.instances.stop', 'ignored'],
    ['v1.compute.instances.start', 'needs-lookup'],
    ['v1.compute.instances.delete', 'request'],
    ['v1.compute.instances.frobnicate', 'needs-lookup'],
    ['v1.compute.disks.insert', 'ignored'],
    ['v1.compute.instanceGroupManagers.resize', 'needs-lookup'],
  ])('%s is %s', (method, result) => {
    expect(one('gcp-auditlog', gcp(method, { '@type': 'x' })).result).toBe(result)
  })
  it('reads a pod that a person creates in GKE', () => {
    const pod = {
      kind: 'Pod',
      metadata: { namespace: 'ml' },
      spec: {
        containers: [{ resources: { limits: { 'nvidia.com/gpu': '2' } } }],
        nodeSelector: { 'cloud.google.com/gke-accelerator': 'nvidia-l4' },
      },
    }
    expect(asked('gcp-auditlog', gcp('io.k8s.core.v1.pods.create', pod, { service: 'k8s.io' }))?.accelerators).toEqual([
      { model: 'nvidia-l4', count: 2 },
    ])
  })
})
