import { ignored, invalid, type AdapterContext } from '../adapted-event.js'
import type { RequestAction, Sku } from '../canonical-request.js'
import { machineSku } from '../hardware.js'
import { at, isCount, isFields, list, text, whole } from '../read.js'
import { range } from '../request-builder.js'
import type { Ask, AskOrEvent } from './ask.js'

export interface AzureAct {
  /** lower case */
  operation: string
  /** the resource as the answer or the ask shows it, already parsed */
  body: unknown
  /** an answered write with `OK` changed something that was there before */
  existed: boolean
}

type Rule = (act: AzureAct, context: AdapterContext) => AskOrEvent

const written = (act: AzureAct): RequestAction => (act.existed ? 'resize' : 'create')

const machines = (context: AdapterContext, raw: string, count: number): Sku =>
  machineSku(context.catalog, { provider: 'azure', raw, count })

const virtualMachine: Rule = (act, context) => {
  const raw = text(at(act.body, 'properties', 'hardwareProfile', 'vmSize'), 200)
  return { action: written(act), requestedCount: range(1), ...(raw === undefined ? {} : { skus: [machines(context, raw, 1)] }) }
}

/** `sku.name` x `sku.capacity`; a capacity of zero gives everything back. */
const skuTimesCapacity: Rule = (act, context) => {
  const raw = text(at(act.body, 'sku', 'name'), 200)
  const capacity = whole(at(act.body, 'sku', 'capacity'))
  if (capacity === 0) return act.existed ? { action: 'delete' } : ignored('no-new-compute', `${act.operation}: sku.capacity is 0`)
  if (capacity !== undefined && !isCount(capacity)) return invalid('properties.responseBody.sku.capacity')
  const requestedCount = range(capacity)
  if (raw === undefined || capacity === undefined) return { action: written(act), requestedCount }
  return { action: written(act), requestedCount, skus: [machines(context, raw, capacity)] }
}

interface Pool {
  raw: string
  count: number
  min: number
}

// With automatic scaling a pool may grow to its maximum with nobody asking again.
function pool(properties: unknown): Pool | 'unstated' | 'invalid' {
  const raw = text(at(properties, 'vmSize'), 200)
  const count = whole(at(properties, 'count'))
  const scales = at(properties, 'enableAutoScaling') === true
  const max = scales ? (whole(at(properties, 'maxCount')) ?? count) : count
  const min = scales ? (whole(at(properties, 'minCount')) ?? count) : count
  if (raw === undefined || max === undefined) return 'unstated'
  if (max < 0 || (max !== 0 && !isCount(max))) return 'invalid'
  return { raw, count: max, min: Math.max(0, Math.min(min ?? max, max)) }
}

function poolsAsk(act: AzureAct, profiles: readonly unknown[], context: AdapterContext): AskOrEvent {
  const pools: Pool[] = []
  for (const profile of profiles) {
    const read = pool(profile)
    if (read === 'invalid') return invalid('properties.responseBody.properties.count')
    if (read === 'unstated') return { action: written(act) }
    if (read.count > 0) pools.push(read)
  }
  const max = pools.reduce((sum, one) => sum + one.count, 0)
  const min = pools.reduce((sum, one) => sum + one.min, 0)
  if (pools.length === 0) return ignored('no-new-compute', `${act.operation}: no nodes`)
  const skus = pools.map((one) => machines(context, one.raw, one.count))
  return { action: written(act), skus, requestedCount: range(Math.max(1, min), max), hints: ['kind:ManagedKubernetes'] }
}

const agentPool: Rule = (act, context) =>
  isFields(at(act.body, 'properties')) ? poolsAsk(act, [at(act.body, 'properties')], context) : { action: written(act) }

const managedCluster: Rule = (act, context) => {
  const profiles = list(at(act.body, 'properties', 'agentPoolProfiles'))
  return profiles.length === 0 ? { action: written(act) } : poolsAsk(act, profiles, context)
}

const learningCompute: Rule = (act, context) => {
  const properties = at(act.body, 'properties', 'properties')
  const raw = text(at(properties, 'vmSize'), 200)
  const max = whole(at(properties, 'scaleSettings', 'maxNodeCount')) ?? 1
  if (!isCount(max)) return invalid('properties.responseBody.properties.properties.scaleSettings.maxNodeCount')
  const min = whole(at(properties, 'scaleSettings', 'minNodeCount')) ?? max
  const requestedCount = range(Math.max(1, Math.min(min, max)), max)
  return raw === undefined ? { action: written(act) } : { action: written(act), requestedCount, skus: [machines(context, raw, max)] }
}

const dedicatedHost: Rule = (act) => ({ action: written(act), requestedCount: range(1), delivery: 'dedicated-host' })

const fixed =
  (ask: Ask): Rule =>
  () =>
    ask

const VM = 'microsoft.compute/virtualmachines'
const VMSS = 'microsoft.compute/virtualmachinescalesets'
const ML = 'microsoft.machinelearningservices/workspaces'
const AKS = 'microsoft.containerservice/managedclusters'

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [`${VM}/write`, virtualMachine],
  [`${VM}/start/action`, fixed({ action: 'start', requestedCount: { min: 1, max: 1 } })],
  [`${VM}/delete`, fixed({ action: 'delete', requestedCount: { min: 1, max: 1 } })],
  [`${VMSS}/write`, skuTimesCapacity],
  [`${VMSS}/start/action`, fixed({ action: 'start' })],
  [`${VMSS}/delete`, fixed({ action: 'delete' })],
  [`${VMSS}/delete/action`, fixed({ action: 'resize' })],
  [`${VMSS}/virtualmachines/write`, virtualMachine],
  [`${VMSS}/virtualmachines/start/action`, fixed({ action: 'start', requestedCount: { min: 1, max: 1 } })],
  [`${VMSS}/virtualmachines/delete`, fixed({ action: 'delete', requestedCount: { min: 1, max: 1 } })],
  ['microsoft.compute/hostgroups/hosts/write', dedicatedHost],
  [
    'microsoft.compute/hostgroups/hosts/delete',
    fixed({ action: 'delete', requestedCount: { min: 1, max: 1 }, delivery: 'dedicated-host' }),
  ],
  ['microsoft.compute/capacityreservationgroups/capacityreservations/write', skuTimesCapacity],
  ['microsoft.compute/capacityreservationgroups/capacityreservations/delete', fixed({ action: 'delete' })],
  [`${ML}/computes/write`, learningCompute],
  [`${ML}/computes/start/action`, fixed({ action: 'start' })],
  [`${ML}/computes/delete`, fixed({ action: 'delete' })],
  [`${ML}/jobs/write`, fixed({ action: 'create', managed: true, hints: ['managed-training-job'] })],
  [`${AKS}/write`, managedCluster],
  [`${AKS}/agentpools/write`, agentPool],
  [`${AKS}/agentpools/delete`, fixed({ action: 'delete' })],
  [`${AKS}/delete`, fixed({ action: 'delete' })],
])

const MACHINES = [
  `${VM}/`,
  `${VMSS}/`,
  'microsoft.compute/hostgroups/hosts/',
  'microsoft.compute/capacityreservationgroups/capacityreservations/',
]

// Stops, restarts, settings and looks: they take no new machine and give none back for good.
const NO_NEW_COMPUTE = new RegExp(
  '/read$|/extensions/|/runcommands?/|/diagnostic|/providers/|' +
    '/(?:poweroff|deallocate|hibernate|restart|redeploy|reimage|reimageall|reapply|capture|generalize|converttomanageddisks|runcommand|' +
    'assesspatches|installpatches|cancelpatchinstallation|performmaintenance|simulateeviction|retrievebootdiagnosticsdata|retrieveconsolelog|' +
    'login|loginasadmin|logout|attachdetachdatadisks|setorchestrationservicestate|osrollingupgrade|rollingupgrades/\\w+|manualupgrade|' +
    'approverollingupgrade|migratetovmss|convertto\\w+|forcerecoveryservicefabricplatformupdatedomainwalk)(?:/action)?$',
)

/** The operations of Azure's control plane that move machines; names come in any case and are compared without it. */
export function azureOperation(act: AzureAct, context: AdapterContext): AskOrEvent {
  const rule = RULES.get(act.operation)
  if (rule) return rule(act, context)
  if (NO_NEW_COMPUTE.test(act.operation)) return ignored('no-new-compute', act.operation)
  if (MACHINES.some((prefix) => act.operation.startsWith(prefix))) return { action: 'observe', unknownEvent: true }
  return ignored('other-service', act.operation)
}
