import { ignored, invalid, type AdapterContext } from '../adapted-event.js'
import type { RequestAction } from '../canonical-request.js'
import { at, isCount, isFields, text, whole } from '../read.js'
import { range } from '../request-builder.js'
import type { Ask, AskOrEvent } from './ask.js'
import { guestAccelerators, machineBlock } from './gcp-hardware.js'

export interface GcpCall {
  /** without the version in front: `compute.instances.insert` */
  method: string
  request: unknown
}

export type GcpRule = (call: GcpCall, context: AdapterContext) => AskOrEvent

const one = { min: 1, max: 1 }

const insertInstance: GcpRule = ({ request }, { catalog }) => {
  const skus = machineBlock(catalog, {
    machineType: at(request, 'machineType'),
    attached: guestAccelerators(at(request, 'guestAccelerators')),
    machines: 1,
  })
  return { action: 'create', requestedCount: one, ...(skus === undefined ? {} : { skus }) }
}

const bulkInsert: GcpRule = ({ request }, { catalog }) => {
  const resource = isFields(at(request, 'bulkInsertInstanceResource')) ? at(request, 'bulkInsertInstanceResource') : request
  const count = whole(at(resource, 'count'))
  if (count === undefined) return { action: 'create' }
  if (!isCount(count)) return invalid('protoPayload.request.count')
  const min = whole(at(resource, 'minCount'))
  const properties = at(resource, 'instanceProperties')
  const skus = machineBlock(catalog, {
    machineType: at(properties, 'machineType'),
    attached: guestAccelerators(at(properties, 'guestAccelerators')),
    machines: count,
  })
  return {
    action: 'create',
    requestedCount: range(isCount(min) && min <= count ? min : count, count),
    ...(skus === undefined ? {} : { skus }),
  }
}

const setMachineType: GcpRule = ({ request }, { catalog }) => {
  const skus = machineBlock(catalog, { machineType: at(request, 'machineType'), attached: [], machines: 1 })
  // An N1 machine may keep what is attached to it: only the machine type is told here.
  const certain = skus?.every((sku) => Array.isArray(sku.accelerators))
  return { action: 'resize', requestedCount: one, ...(skus !== undefined && certain ? { skus } : {}) }
}

// An update that names neither machine type nor accelerators changes something else.
const updateInstance: GcpRule = (call, context) => {
  const names = at(call.request, 'machineType') !== undefined || at(call.request, 'guestAccelerators') !== undefined
  if (isFields(call.request) && Object.keys(call.request).length > 1 && !names) return ignored('no-new-compute', call.method)
  return names ? { ...insertInstanceAsk(call, context), action: 'resize' } : { action: 'resize', requestedCount: one }
}

function insertInstanceAsk(call: GcpCall, context: AdapterContext): Ask {
  const ask = insertInstance(call, context)
  return 'result' in ask ? { action: 'resize' } : ask
}

const reservation =
  (action: RequestAction): GcpRule =>
  ({ request }, { catalog }) => {
    const specific = at(request, 'specificReservation')
    const count = whole(at(specific, 'count') ?? at(request, 'specificSkuCount'))
    if (count !== undefined && !isCount(count)) return invalid('protoPayload.request.specificReservation.count')
    if (count === undefined) return { action }
    const properties = at(specific, 'instanceProperties') ?? at(request, 'specificSkuProperties', 'instanceProperties')
    const skus = machineBlock(catalog, {
      machineType: at(properties, 'machineType'),
      attached: guestAccelerators(at(properties, 'guestAccelerators')),
      machines: count,
    })
    return { action, requestedCount: range(count), ...(skus === undefined ? {} : { skus }) }
  }

const group =
  (action: RequestAction, field: string): GcpRule =>
  ({ request }) => ({ action, requestedCount: range(whole(at(request, field))) })

const autoscaler: GcpRule = ({ request }) => {
  const policy = at(request, 'autoscalingPolicy')
  const [min, max] = [whole(at(policy, 'minNumReplicas')), whole(at(policy, 'maxNumReplicas'))]
  return { action: 'resize', requestedCount: range(isCount(min) ? min : isCount(max) ? 1 : undefined, max) }
}

const fixed =
  (ask: Ask): GcpRule =>
  () =>
    ask

const RULES: ReadonlyMap<string, GcpRule> = new Map<string, GcpRule>([
  ['instances.insert', insertInstance],
  ['instances.bulkInsert', bulkInsert],
  ['regionInstances.bulkInsert', bulkInsert],
  ['instances.setMachineType', setMachineType],
  ['instances.setMachineResources', fixed({ action: 'resize', requestedCount: one })],
  ['instances.update', updateInstance],
  ['instances.start', fixed({ action: 'start', requestedCount: one })],
  ['instances.startWithEncryptionKey', fixed({ action: 'start', requestedCount: one })],
  ['instances.resume', fixed({ action: 'start', requestedCount: one })],
  ['instances.delete', fixed({ action: 'delete', requestedCount: one })],
  ...['instanceGroupManagers', 'regionInstanceGroupManagers'].flatMap((manager): [string, GcpRule][] => [
    [`${manager}.insert`, group('create', 'targetSize')],
    [`${manager}.resize`, group('resize', 'size')],
    [`${manager}.patch`, group('resize', 'targetSize')],
    [`${manager}.update`, group('resize', 'targetSize')],
    [`${manager}.createInstances`, fixed({ action: 'resize' })],
    [`${manager}.deleteInstances`, fixed({ action: 'resize' })],
    [`${manager}.delete`, fixed({ action: 'delete' })],
  ]),
  ...['autoscalers', 'regionAutoscalers'].flatMap((scaler): [string, GcpRule][] => [
    [`${scaler}.insert`, autoscaler],
    [`${scaler}.patch`, autoscaler],
    [`${scaler}.update`, autoscaler],
  ]),
  ['reservations.insert', reservation('create')],
  ['reservations.update', reservation('resize')],
  ['reservations.resize', reservation('resize')],
  ['reservations.delete', fixed({ action: 'delete' })],
  ['futureReservations.insert', reservation('create')],
  ['futureReservations.cancel', fixed({ action: 'delete' })],
  ['nodeGroups.insert', fixed({ action: 'create', delivery: 'dedicated-host' })],
  ['nodeGroups.addNodes', fixed({ action: 'resize', delivery: 'dedicated-host' })],
  ['nodeGroups.delete', fixed({ action: 'delete', delivery: 'dedicated-host' })],
])

const DEFINITION = /^(?:region)?(?:instanceTemplates|nodeTemplates|resourcePolicies)\./i
const NO_NEW_COMPUTE =
  /^instances\.(?:stop|suspend|reset|set\w+|get\w*|list\w*|aggregatedList|attach\w+|detach\w+|add\w+|remove\w+|delete[A-Z]\w+|update[A-Z]\w+|simulateMaintenanceEvent|performMaintenance|sendDiagnosticInterrupt|testIamPermissions|reportHostAsFaulty)$|\.(?:get|list|aggregatedList|testIamPermissions|setIamPolicy|getIamPolicy)$/

/** Compute Engine. A call about an instance that no rule knows is looked up, never ignored. */
export const computeEngine: GcpRule = (call, context) => {
  const name = call.method.split('.').slice(-2).join('.')
  const rule = RULES.get(name)
  if (rule) return rule(call, context)
  if (DEFINITION.test(name)) return ignored('definition', call.method)
  if (NO_NEW_COMPUTE.test(name)) return ignored('no-new-compute', call.method)
  if (/^instances\./.test(name)) return { action: 'observe', unknownEvent: true, requestedCount: one }
  return ignored('other-service', call.method)
}

/** Names the field that a machine count was read from; for services that state it as text. */
export const countOr = (value: unknown, otherwise: number): number | undefined =>
  value === undefined ? otherwise : whole(text(value) ?? value)
