import { ignored, invalid, type AdapterContext } from '../adapted-event.js'
import type { Sku } from '../canonical-request.js'
import { at, isCount, isFields, lastSegment, list, text, whole } from '../read.js'
import { range } from '../request-builder.js'
import type { Ask, AskOrEvent } from './ask.js'
import { computeEngine, countOr, type GcpCall, type GcpRule } from './gcp-compute.js'
import { machineBlock, ofTpuSlice } from './gcp-hardware.js'

const JOB = ['managed-training-job']

const fixed =
  (ask: Ask): GcpRule =>
  () =>
    ask

function slices(nodes: readonly unknown[], context: AdapterContext): Ask {
  const skus = nodes.flatMap((node): Sku[] => {
    const raw = lastSegment(text(at(node, 'acceleratorType'), 500))
    return raw === undefined ? [] : [{ raw, count: 1, accelerators: ofTpuSlice(context.catalog, raw) }]
  })
  const complete = skus.length === nodes.length && skus.length > 0
  return { action: 'create', requestedCount: range(nodes.length), ...(complete ? { skus } : {}) }
}

const queuedResource: GcpRule = ({ method, request }, context) => {
  if (at(request, 'validateOnly') === true) return ignored('dry-run', `${method}: validateOnly`)
  const specs = list(at(request, 'queuedResource', 'tpu', 'nodeSpec'))
  const nodes: unknown[] = []
  for (const spec of specs) {
    const count = whole(at(spec, 'multisliceParams', 'nodeCount') ?? at(spec, 'multiNodeParams', 'nodeCount')) ?? 1
    if (!isCount(count) || nodes.length + count > 10_000)
      return invalid('protoPayload.request.queuedResource.tpu.nodeSpec[].multisliceParams.nodeCount')
    for (let i = 0; i < count; i += 1) nodes.push(at(spec, 'node'))
  }
  const ask = slices(nodes, context)
  const rows = new Map<string, Sku>()
  for (const sku of ask.skus ?? []) rows.set(sku.raw, { ...sku, count: (rows.get(sku.raw)?.count ?? 0) + 1 })
  return ask.skus === undefined ? ask : { ...ask, skus: [...rows.values()] }
}

const TPU: ReadonlyMap<string, GcpRule> = new Map<string, GcpRule>([
  ['CreateNode', ({ request }, context) => slices([at(request, 'node')], context)],
  ['CreateQueuedResource', queuedResource],
  ['StartNode', fixed({ action: 'start', requestedCount: { min: 1, max: 1 } })],
  ['DeleteNode', fixed({ action: 'delete', requestedCount: { min: 1, max: 1 } })],
  ['DeleteQueuedResource', fixed({ action: 'delete' })],
])

interface Role {
  machineType: unknown
  accelerator: readonly [unknown, unknown]
  machines: number | undefined
}

function roles(list: readonly Role[], context: AdapterContext, field: string): AskOrEvent {
  const skus: Sku[] = []
  let machines = 0
  for (const role of list) {
    if (role.machines === 0) continue
    if (!isCount(role.machines)) return invalid(field)
    const [type] = role.accelerator
    const attached = type === undefined || type === null || type === '' ? [] : [role.accelerator]
    const found = machineBlock(context.catalog, { machineType: role.machineType, attached, machines: role.machines })
    if (found === undefined) return { action: 'create', managed: true, hints: JOB }
    skus.push(...found)
    machines += role.machines
  }
  if (machines === 0) return { action: 'create', managed: true, hints: JOB }
  return { action: 'create', managed: true, hints: JOB, skus, requestedCount: range(machines) }
}

const accelerator = (config: unknown): readonly [unknown, unknown] => [at(config, 'type'), at(config, 'count')]

/** AI Platform: a tier names the whole cluster; with CUSTOM the machines of each role are listed. */
const aiPlatformJob: GcpRule = ({ request }, context) => {
  const input = at(request, 'job', 'trainingInput') ?? at(request, 'trainingInput')
  const tier = text(at(input, 'scaleTier'), 200)
  const region = text(at(input, 'region'), 100)
  if (tier !== undefined && tier.toUpperCase() !== 'CUSTOM')
    return { action: 'create', managed: true, hints: JOB, region, skus: [{ raw: tier, count: 1, accelerators: 'unknown' }] }
  const role = (name: string, machines: number | undefined): Role => ({
    machineType: at(input, `${name}Type`),
    accelerator: accelerator(at(input, `${name}Config`, 'acceleratorConfig')),
    machines,
  })
  const others = ['worker', 'parameterServer', 'evaluator'].map((name) => role(name, countOr(at(input, `${name}Count`), 0)))
  const field = 'protoPayload.request.job.trainingInput.workerCount'
  return { ...roles([role('master', 1), ...others], context, field), region }
}

const customJob: GcpRule = ({ request }, context) => {
  const spec = at(request, 'customJob', 'jobSpec') ?? at(request, 'hyperparameterTuningJob', 'trialJobSpec')
  const side = whole(at(request, 'hyperparameterTuningJob', 'parallelTrialCount')) ?? 1
  const pools = list(at(spec, 'workerPoolSpecs')).map((pool): Role => {
    const machine = at(pool, 'machineSpec')
    const replicas = countOr(at(pool, 'replicaCount'), 1)
    return {
      machineType: at(machine, 'machineType'),
      accelerator: [at(machine, 'acceleratorType'), at(machine, 'acceleratorCount')],
      machines: replicas === undefined ? undefined : replicas * side,
    }
  })
  return roles(pools, context, 'protoPayload.request.customJob.jobSpec.workerPoolSpecs[].replicaCount')
}

const managed = fixed({ action: 'create', managed: true, hints: JOB })
const serving = fixed({ action: 'create', managed: true, hints: ['managed-inference'] })

const AI: ReadonlyMap<string, GcpRule> = new Map<string, GcpRule>([
  ['CreateCustomJob', customJob],
  ['CreateHyperparameterTuningJob', customJob],
  ['CreateTrainingPipeline', managed],
  ['CreatePipelineJob', managed],
  ['CreateTuningJob', managed],
  ['CreateBatchPredictionJob', serving],
  ['DeployModel', serving],
  ['CreatePersistentResource', fixed({ action: 'create' })],
  ['DeletePersistentResource', fixed({ action: 'delete' })],
])

const nodePool: GcpRule = ({ request }, context) => {
  const pools = isFields(at(request, 'nodePool')) ? [at(request, 'nodePool')] : list(at(request, 'cluster', 'nodePools'))
  if (pools.length === 0) return { action: 'create' }
  const read = pools.map((pool): Role => {
    const [first] = list(at(pool, 'config', 'accelerators'))
    const grows = at(pool, 'autoscaling', 'enabled') === true ? at(pool, 'autoscaling', 'maxNodeCount') : undefined
    return {
      machineType: at(pool, 'config', 'machineType'),
      accelerator: [at(first, 'acceleratorType'), at(first, 'acceleratorCount')],
      machines: countOr(grows ?? at(pool, 'initialNodeCount'), 1),
    }
  })
  const ask = roles(read, context, 'protoPayload.request.nodePool.initialNodeCount')
  return 'result' in ask ? ask : { ...ask, managed: false, hints: ['kind:ManagedKubernetes'] }
}

const GKE: ReadonlyMap<string, GcpRule> = new Map<string, GcpRule>([
  ['CreateCluster', nodePool],
  ['CreateNodePool', nodePool],
  ['SetNodePoolSize', ({ request }) => ({ action: 'resize', requestedCount: range(whole(at(request, 'nodeCount'))) })],
  [
    'SetNodePoolAutoscaling',
    ({ request }) => ({ action: 'resize', requestedCount: range(1, whole(at(request, 'autoscaling', 'maxNodeCount'))) }),
  ],
  ['DeleteNodePool', fixed({ action: 'delete' })],
  ['DeleteCluster', fixed({ action: 'delete' })],
])

const byName =
  (rules: ReadonlyMap<string, GcpRule>, unknown: RegExp): GcpRule =>
  (call, context) => {
    const name = call.method.split('.').at(-1) ?? ''
    const rule = rules.get(name)
    if (rule) return rule(call, context)
    return unknown.test(name) ? { action: 'observe', unknownEvent: true } : ignored('no-new-compute', call.method)
  }

const SERVICES: ReadonlyMap<string, GcpRule> = new Map<string, GcpRule>([
  ['compute.googleapis.com', computeEngine],
  ['tpu.googleapis.com', byName(TPU, /^(?!Get|List|Stop|Update|Generate|Simulate|Reset|Perform)\w+(?:Node|QueuedResource)$/)],
  ['ml.googleapis.com', byName(new Map([['CreateJob', aiPlatformJob]]), /^(?!x)x/)],
  ['aiplatform.googleapis.com', byName(AI, /^Create\w*(?:Job|Pipeline)$/)],
  ['container.googleapis.com', byName(GKE, /^(?!x)x/)],
])

/** What a call to a Google service asks for. */
export function googleService(service: string, call: GcpCall, context: AdapterContext): AskOrEvent {
  const rule = SERVICES.get(service)
  return rule ? rule(call, context) : ignored('other-service', `${service} ${call.method}`)
}
