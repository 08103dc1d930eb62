import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { adapt, isPlatform, type AcceleratorTotals, type CanonicalRequest, type Platform } from './index.js'
import { catalog } from '../test/adapted.js'

const root = resolve(import.meta.dirname, '../../../..')
const events = join(resolve(root, process.env['WEIR_SHARED'] ?? '../shared'), 'data/events')
const present = existsSync(join(events, 'expected.json'))
if (!present) console.log('skipped: ../shared/data not present')

type Path = readonly (string | number)[]
type Change = { tenant: string; region: string; count: number; sku: Hardware }
interface Hardware {
  raw: string
  piece: AcceleratorTotals
}
/** How a fact is written into a raw record, and what it must change in the request and nowhere else. */
interface Lens<Name extends keyof Change> {
  write: (body: unknown, value: Change[Name]) => unknown
  expect: (request: CanonicalRequest, value: Change[Name]) => CanonicalRequest
}
type Lenses = { [Name in keyof Change]?: Lens<Name> }

function put(value: unknown, path: Path, to: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return to
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === key ? put(item, rest, to) : item))
  return { ...Object(value), [key]: put(get(value, [key]), rest, to) } as unknown
}
const get = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, key) => Object.entries(Object(here) as object).find(([name]) => name === String(key))?.[1], value)
/** `inner`: a path inside a JSON text. */
const putInner = (body: unknown, at: Path, inner: Path, to: unknown): unknown =>
  put(body, at, JSON.stringify(put(JSON.parse(String(get(body, at))), inner, to)))

const totals = (request: CanonicalRequest): AcceleratorTotals => {
  const sum = new Map<string, number>()
  for (const { count, accelerators } of request.skus) {
    if (accelerators === 'unknown' || accelerators === undefined) return 'unknown'
    if (accelerators !== 'none') for (const a of accelerators) sum.set(a.model, (sum.get(a.model) ?? 0) + a.count * count)
  }
  return sum.size === 0 ? 'none' : [...sum].map(([model, count]) => ({ model, count }))
}
const counted = (request: CanonicalRequest, counts: Partial<CanonicalRequest>, skuCount?: number): CanonicalRequest => {
  const changed = { ...request, ...counts, skus: request.skus.map((sku) => ({ ...sku, count: skuCount ?? sku.count })) }
  return changed.skus.length > 0 ? { ...changed, accelerators: totals(changed) } : changed
}
const machines = (request: CanonicalRequest, n: number): CanonicalRequest => counted(request, { requestedCount: { min: n, max: n } }, n)

const tenantAt = (...paths: Path[]): Lens<'tenant'> => ({
  write: (body, tenant) => paths.reduce((changed, path) => put(changed, path, tenant), body),
  expect: (request, id) => ({ ...request, tenantRef: { system: request.tenantRef?.system ?? '', id } }),
})
const regionAt = (...paths: Path[]): Lens<'region'> => ({
  write: (body, region) => paths.reduce((changed, path) => put(changed, path, region), body),
  expect: (request, raw) => ({ ...request, region: { ...request.region, raw } }),
})
const skuTo = (write: Lens<'sku'>['write'], name = (raw: string) => raw): Lens<'sku'> => ({
  write,
  expect: (request, { raw, piece }) => {
    const changed = { ...request, skus: request.skus.map((sku) => ({ ...sku, raw: name(raw), accelerators: piece })) }
    return { ...changed, accelerators: totals(changed) }
  },
})
const skuAt = (...path: (string | number)[]): Lens<'sku'> => skuTo((body, { raw }) => put(body, path, raw))

const items = ['requestParameters', 'instancesSet', 'items', 0]
const aws = { tenant: tenantAt(['recipientAccountId']), region: regionAt(['awsRegion']) }
const run: Lenses = {
  ...aws,
  count: { write: (body, n) => put(put(body, [...items, 'minCount'], n), [...items, 'maxCount'], n), expect: machines },
  sku: skuAt('requestParameters', 'instanceType'),
}
const subscription = (...paths: Path[]): Lens<'tenant'> => ({
  write: (body, tenant) =>
    paths.reduce(
      (changed, path) => put(changed, path, String(get(body, path)).replace(/(subscriptions\/)[^/]+/i, `$1${tenant.toUpperCase()}`)),
      body,
    ),
  expect: (request, id) => ({
    ...request,
    tenantRef: { system: 'azure', id },
    resource: { ...request.resource, id: String(request.resource?.id).replace(/(subscriptions\/)[^/]+/, `$1${id}`) },
  }),
})
const azure = (record: Path, inner: { sku: Path; count?: Path }): Lenses => {
  const body = [...record, 'properties', 'responseBody']
  const { count } = inner
  return {
    tenant: subscription([...record, 'resourceId']),
    region: { write: (raw, region) => putInner(raw, body, ['location'], region), expect: regionAt().expect },
    sku: skuTo((raw, { raw: name }) => putInner(raw, body, inner.sku, name)),
    ...(count && {
      count: { write: (raw, n) => putInner(raw, body, count, n), expect: (request, n) => ({ ...machines(request, n), grantedCount: n }) },
    }),
  }
}
const label = ['resource', 'labels']
const nova = (flavor: boolean): Lenses => ({
  tenant: tenantAt(['payload', 'nova_object.data', 'tenant_id']),
  region: regionAt(['payload', 'nova_object.data', 'availability_zone']),
  ...(flavor && {
    sku: {
      write: (body, { raw }) => put(body, ['payload', 'nova_object.data', 'flavor', 'nova_object.data', 'name'], raw),
      expect: (request, { raw }) => ({ ...request, skus: request.skus.map((sku) => ({ ...sku, raw })) }),
    },
  }),
})
const namespace = tenantAt(['request', 'namespace'], ['request', 'object', 'metadata', 'namespace'])
const worker = ['request', 'object', 'spec', 'pytorchReplicaSpecs', 'Worker', 'replicas']
const slurmJob = ['jobs', 0]
const slurm = { tenant: tenantAt([...slurmJob, 'account']), region: regionAt([...slurmJob, 'cluster']) }
const devices = (write: Lens<'count'>['write']): Lens<'count'> => ({ write, expect: (request, n) => counted(request, {}, n) })
const native = (at: Path): Lenses => ({
  tenant: tenantAt([...at, 'data', 'tenantRef', 'id']),
  region: regionAt([...at, 'data', 'region', 'raw']),
  count: {
    write: (body, n) => put(put(body, [...at, 'data', 'skus', 0, 'count'], n), [...at, 'data', 'requestedCount'], { min: n, max: n }),
    expect: machines,
  },
  sku: skuTo((body, { raw, piece }) =>
    put(body, [...at, 'data', 'skus', 0], { raw, count: get(body, [...at, 'data', 'skus', 0, 'count']), accelerators: piece }),
  ),
})
const machineType = (at: Path): Lens<'sku'> =>
  skuTo((body, { raw }) =>
    put(body, [...at, 'protoPayload', 'request', 'machineType'], `https://example.com/compute/v1/zones/z/machineTypes/${raw}`),
  )
const gcp = (...entries: Path[]): Lenses => ({
  tenant: tenantAt(...entries.map((at) => [...at, ...label, 'project_id'])),
})

const SAMPLES: Readonly<Record<string, Lenses>> = {
  'aws/cloudtrail-RunInstances-autoscaling-t2.json': { ...run, tenant: tenantAt(['userIdentity', 'accountId'], ['recipientAccountId']) },
  'aws/cloudtrail-RunInstances-iamuser-m3.json': run,
  'aws/cloudtrail-RunInstances-p2-fleet-success.json': run,
  'aws/cloudtrail-bedrock-CreateModelCustomizationJob.json': aws,
  'made/aws/cloudtrail-RunInstances-p5-x16.json': run,
  'made/aws/cloudtrail-RunInstances-p5en-denied.json': run,
  'made/aws/cloudtrail-RunInstances-m6i-cpu.json': run,
  'made/aws/cloudtrail-TerminateInstances.json': aws,
  'made/aws/cloudtrail-sagemaker-CreateTrainingJob-p4d-x8.json': {
    ...aws,
    count: { write: (body, n) => put(body, ['requestParameters', 'resourceConfig', 'instanceCount'], n), expect: machines },
    sku: skuTo(
      (body, { raw }) => put(body, ['requestParameters', 'resourceConfig', 'instanceType'], `ml.${raw}`),
      (raw) => `ml.${raw}`,
    ),
  },
  'azure/activitylog-eventhub-virtualMachines-write.json': { tenant: subscription(['resourceId']) },
  'made/azure/activitylog-eventhub-virtualMachines-write-h100.json': azure([], { sku: ['properties', 'hardwareProfile', 'vmSize'] }),
  'made/azure/activitylog-rest-values-virtualMachines-write-h100.json': azure(['value', 0], {
    sku: ['properties', 'hardwareProfile', 'vmSize'],
  }),
  'made/azure/activitylog-eventhub-records-virtualMachineScaleSets-write-h100-x12.json': azure(['records', 0], {
    sku: ['sku', 'name'],
    count: ['sku', 'capacity'],
  }),
  'gcp/auditlog-compute.instances.insert-last.json': { ...gcp([]), region: regionAt([...label, 'zone']) },
  'gcp/auditlog-compute.autoscalers.insert.json': { ...gcp([]), region: regionAt([...label, 'location']) },
  'made/gcp/auditlog-compute.instances.insert-a3-first-and-last.json': {
    ...gcp([0], [1]),
    region: regionAt([0, 'protoPayload', 'resourceLocation', 'currentLocations', 0]),
    sku: machineType([0]),
  },
  'made/gcp/auditlog-tpu.CreateNode-v5p-512.json': {
    ...gcp([]),
    region: regionAt(['protoPayload', 'resourceLocation', 'currentLocations', 0]),
    sku: skuAt('protoPayload', 'request', 'node', 'acceleratorType'),
  },
  'openstack/instance-create-start.json': nova(true),
  'openstack/instance-resize-start.json': nova(false),
  'made/openstack/instance-create-start-h100.json': nova(true),
  'made/openstack/instance-create-end-h100.json': nova(true),
  'kubernetes/AdmissionReview-create-pod.json': { tenant: namespace },
  'made/kubernetes/AdmissionReview-create-pod-cpu.json': { tenant: namespace },
  'made/kubernetes/AdmissionReview-create-pytorchjob-32x8.json': {
    tenant: namespace,
    count: {
      write: (body, n) => put(body, worker, n),
      expect: (request, n) => counted(request, { requestedCount: { min: n + 1, max: n + 1 } }, (n + 1) * 8),
    },
  },
  'slurm/slurm-job-gpus-pending.json': { ...slurm, count: devices((body, n) => put(body, [...slurmJob, 'tres_per_job'], `gres/gpu:${n}`)) },
  'slurm/slurm-job-gpus-type.json': {
    ...slurm,
    count: devices((body, n) => put(put(body, [...slurmJob, 'tres_per_job'], ''), [...slurmJob, 'tres_per_task'], `gres:gpu:h100:${n}`)),
  },
  'slurm/slurm-job-pending.json': {
    ...slurm,
    count: {
      write: (body, n) => put(body, [...slurmJob, 'node_count', 'number'], n),
      expect: (request, n) => counted(request, { requestedCount: { min: n, max: n } }),
    },
  },
  'made/slurm/slurm-job-submit-h100-64x8.json': {
    tenant: tenantAt(['job', 'account']),
    count: {
      write: (body, n) => put(body, ['job', 'nodes'], String(n)),
      expect: (request, n) => counted(request, { requestedCount: { min: n, max: n } }, n * 8),
    },
  },
  'made/cloudevents/native-structured-h100-x256.json': native([]),
  'made/cloudevents/native-batch-of-3-one-invalid.json': native([0]),
}

const pieces = (model: string, count: number): AcceleratorTotals => [{ model, count }]
const HARDWARE: Readonly<Record<string, readonly Hardware[]>> = {
  'aws-cloudtrail': [
    { raw: 'p5.48xlarge', piece: pieces('nvidia-h100-sxm5-80gb', 8) },
    { raw: 'p4d.24xlarge', piece: pieces('nvidia-a100-sxm4-40gb', 8) },
    { raw: 'm5.large', piece: 'none' },
    { raw: 'zz9.large', piece: 'unknown' },
  ],
  'azure-activitylog': [
    { raw: 'STANDARD_ND96ISR_H100_V5', piece: pieces('nvidia-h100-sxm5-80gb', 8) },
    { raw: 'Standard_D4s_v5', piece: 'none' },
    { raw: 'Standard_NX1', piece: 'unknown' },
  ],
  'gcp-auditlog': [
    { raw: 'a3-megagpu-8g', piece: pieces('nvidia-h100-sxm5-80gb', 8) },
    { raw: 'n2-standard-4', piece: 'none' },
    { raw: 'a9-newgpu-1g', piece: 'unknown' },
  ],
  tpu: [
    { raw: 'v4-64', piece: pieces('google-tpu-v4', 32) },
    { raw: 'v5litepod-16', piece: pieces('google-tpu-v5e', 16) },
    { raw: 'v6e-256', piece: pieces('google-tpu-v6e', 256) },
    { raw: 'v9x-8', piece: 'unknown' },
  ],
  other: [
    { raw: 'any.flavor', piece: pieces('nvidia-b200', 4) },
    { raw: 'plain-2', piece: 'none' },
  ],
}

interface Entry {
  file: string
  platform: Platform
  result: string
}
const known = (entry: { file: string; platform: string; result: string }): entry is Entry => isPlatform(entry.platform)
const all = present
  ? (JSON.parse(readFileSync(join(events, 'expected.json'), 'utf8')) as { file: string; platform: string; result: string }[])
  : []
const bearing = all.filter(known).filter(({ result }) => result === 'request' || result === 'needs-lookup')
const NAME = fc.stringMatching(/^[a-z0-9][a-z0-9-]{2,20}$/)

const requestsOf = ({ platform }: Entry, body: unknown): CanonicalRequest[] =>
  adapt(platform, body, { catalog }).flatMap((event) => event.requests)
const bodyOf = ({ file }: Entry): unknown => JSON.parse(readFileSync(join(events, file), 'utf8'))

/** Every fact that the sample states is changed at once; exactly these fields of the first request change. */
function check(entry: Entry, lenses: Lenses, change: Change): void {
  const names = (Object.keys(lenses) as (keyof Change)[]).sort()
  let body = bodyOf(entry)
  const [first, ...others] = requestsOf(entry, body)
  let wanted = first
  const apply = <Name extends keyof Change>(lens: Lens<Name> | undefined, value: Change[Name]): void => {
    if (lens === undefined || wanted === undefined) return
    body = lens.write(body, value)
    wanted = lens.expect(wanted, value)
  }
  for (const name of names) {
    if (name === 'count') apply(lenses.count, change.count)
    if (name === 'sku') apply(lenses.sku, change.sku)
    if (name === 'tenant') apply(lenses.tenant, change.tenant)
    if (name === 'region') apply(lenses.region, change.region)
  }
  expect(requestsOf(entry, body)).toEqual([wanted, ...others])
}

;(present ? describe : describe.skip)('a changed record changes exactly what it says', () => {
  it('covers every sample that bears a request', () => {
    expect(bearing.map(({ file }) => file).sort()).toEqual(Object.keys(SAMPLES).sort())
  })

  it.each(bearing.map((entry) => [entry.file, entry] as const))('%s', (file, entry) => {
    const lenses = SAMPLES[file] ?? {}
    const hardware = HARDWARE[file.includes('tpu') ? 'tpu' : entry.platform] ?? HARDWARE['other'] ?? []
    const change = fc.record({ tenant: NAME, region: NAME, count: fc.integer({ min: 1, max: 5000 }), sku: fc.constantFrom(...hardware) })
    fc.assert(
      fc.property(change, (values) => check(entry, lenses, values)),
      { numRuns: 40 },
    )
  })
})
