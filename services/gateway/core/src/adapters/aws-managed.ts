import { ignored, invalid, type AdapterContext } from '../adapted-event.js'
import { at, isCount, list, text, whole, type Fields } from '../read.js'
import { range } from '../request-builder.js'
import type { Ask, AskOrEvent } from './ask.js'
import { countedMachine, machineSkus } from './aws-ec2.js'

type Rule = (parameters: unknown, context: AdapterContext) => AskOrEvent

const JOB = ['managed-training-job']

/** A block that states `instanceType` and `instanceCount`, or a list of such blocks. */
function cluster(block: unknown, context: AdapterContext, field: string): Pick<Ask, 'skus' | 'requestedCount'> | { bad: string } {
  const groups = list(at(block, 'instanceGroups'))
  const blocks = groups.length > 0 ? groups : [block]
  const machines: { raw: string; count: number }[] = []
  for (const group of blocks) {
    const raw = text(at(group, 'instanceType'), 200)
    const count = whole(at(group, 'instanceCount')) ?? 1
    if (!isCount(count)) return { bad: `${field}.instanceCount` }
    if (raw === undefined) return {}
    machines.push({ raw, count })
  }
  const total = machines.reduce((sum, machine) => sum + machine.count, 0)
  return { skus: machineSkus(context, machines), requestedCount: range(total) }
}

const job =
  (
    field: string,
    find: (parameters: unknown) => unknown,
    { hints = JOB, action = 'create' }: Pick<Partial<Ask>, 'hints' | 'action'> = {},
  ): Rule =>
  (parameters, context) => {
    const found = cluster(find(parameters), context, `requestParameters.${field}`)
    if ('bad' in found) return invalid(found.bad)
    return { action, managed: true, hints, ...found }
  }

// Each of the jobs that run side by side takes the machines of one.
const tuningJob: Rule = (parameters, context) => {
  const side = whole(at(parameters, 'hyperParameterTuningJobConfig', 'resourceLimits', 'maxParallelTrainingJobs')) ?? 1
  const found = cluster(
    at(parameters, 'trainingJobDefinition', 'resourceConfig'),
    context,
    'requestParameters.trainingJobDefinition.resourceConfig',
  )
  if ('bad' in found) return invalid(found.bad)
  const skus = found.skus?.map((sku) => ({ ...sku, count: sku.count * side }))
  if (!isCount(side) || skus?.some((sku) => !isCount(sku.count)))
    return invalid('requestParameters.hyperParameterTuningJobConfig.resourceLimits')
  const one = found.requestedCount?.max
  return { action: 'create', managed: true, hints: JOB, ...(skus ? { skus, requestedCount: range(one, (one ?? 0) * side) } : {}) }
}

const machine =
  (action: Ask['action'], find: (parameters: unknown) => unknown): Rule =>
  (parameters, context) => {
    const raw = text(find(parameters), 200)
    return raw === undefined ? { action } : countedMachine(context, action, { raw, count: 1 })
  }

const lookup =
  (action: Ask['action']): Rule =>
  () => ({ action })

const SAGEMAKER: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['CreateTrainingJob', job('resourceConfig', (p) => at(p, 'resourceConfig'))],
  ['CreateHyperParameterTuningJob', tuningJob],
  [
    'CreateProcessingJob',
    job('processingResources.clusterConfig', (p) => at(p, 'processingResources', 'clusterConfig'), { hints: ['managed-processing-job'] }),
  ],
  ['CreateTransformJob', job('transformResources', (p) => at(p, 'transformResources'), { hints: ['managed-inference-job'] })],
  ['CreateCluster', job('instanceGroups', (p) => p, { hints: ['managed-cluster'] })],
  ['UpdateCluster', job('instanceGroups', (p) => p, { hints: ['managed-cluster'], action: 'resize' })],
  ['CreateNotebookInstance', machine('create', (p) => at(p, 'instanceType'))],
  ['UpdateNotebookInstance', machine('resize', (p) => at(p, 'instanceType'))],
  ['StartNotebookInstance', lookup('start')],
  ['CreateApp', machine('create', (p) => at(p, 'resourceSpec', 'instanceType'))],
  ['CreateEndpoint', lookup('create')],
  ['UpdateEndpoint', lookup('resize')],
  ['UpdateEndpointWeightsAndCapacities', lookup('resize')],
  ['DeleteEndpoint', lookup('delete')],
  ['DeleteCluster', lookup('delete')],
  ['DeleteNotebookInstance', lookup('delete')],
  ['DeleteApp', lookup('delete')],
])

const managedJob: Rule = () => ({ action: 'create', managed: true, hints: JOB })

const BEDROCK: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['CreateModelCustomizationJob', managedJob],
  ['CreateProvisionedModelThroughput', () => ({ action: 'create', managed: true, hints: ['managed-inference'] })],
  ['UpdateProvisionedModelThroughput', () => ({ action: 'resize', managed: true, hints: ['managed-inference'] })],
  ['DeleteProvisionedModelThroughput', lookup('delete')],
])

const group =
  (action: Ask['action'], low: readonly string[], high: readonly string[]): Rule =>
  (parameters) => {
    const [min, max] = [whole(at(parameters, ...low)), whole(at(parameters, ...high))]
    return { action, requestedCount: range(isCount(min) ? min : 1, max), resource: { kind: 'group' } }
  }

const AUTOSCALING: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['CreateAutoScalingGroup', group('create', ['minSize'], ['maxSize'])],
  ['UpdateAutoScalingGroup', group('resize', ['minSize'], ['maxSize'])],
  ['SetDesiredCapacity', group('resize', ['desiredCapacity'], ['desiredCapacity'])],
  ['PutScalingPolicy', lookup('resize')],
  ['PutScheduledUpdateGroupAction', group('resize', ['minSize'], ['maxSize'])],
  ['DeleteAutoScalingGroup', lookup('delete')],
])

const nodegroup: Rule = (parameters, context) => {
  const types = [...new Set(list(at(parameters, 'instanceTypes')).flatMap((type) => text(type, 200) ?? []))]
  const max = whole(at(parameters, 'scalingConfig', 'maxSize'))
  const min = whole(at(parameters, 'scalingConfig', 'minSize'))
  if (max !== undefined && !isCount(max)) return invalid('requestParameters.scalingConfig.maxSize')
  if (max === undefined) return { action: 'create' }
  const raw = types.length === 1 ? types[0] : undefined
  return countedMachine(context, 'create', { raw, count: max, min: isCount(min) && min <= max ? min : 1 })
}

const EKS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['CreateNodegroup', nodegroup],
  ['UpdateNodegroupConfig', group('resize', ['scalingConfig', 'minSize'], ['scalingConfig', 'maxSize'])],
  ['DeleteNodegroup', lookup('delete')],
])

const SERVICES: ReadonlyMap<string, ReadonlyMap<string, Rule>> = new Map([
  ['sagemaker.amazonaws.com', SAGEMAKER],
  ['bedrock.amazonaws.com', BEDROCK],
  ['autoscaling.amazonaws.com', AUTOSCALING],
  ['eks.amazonaws.com', EKS],
])

const UNKNOWN_JOB = /^(?:Create|Start|Run|Submit|Invoke)\w*(?:TrainingJob|TuningJob|CustomizationJob|TrainingPlan)/

/** The AWS services that run machines for their callers. */
export function managedService(record: Fields, call: { source: string; name: string }, context: AdapterContext): AskOrEvent {
  const rules = SERVICES.get(call.source)
  const rule = rules?.get(call.name)
  if (rule) return rule(at(record, 'requestParameters'), context)
  if (rules && UNKNOWN_JOB.test(call.name)) return managedJob(undefined, context)
  return ignored(rules ? 'no-new-compute' : 'other-service', `${call.source} ${call.name}`)
}
