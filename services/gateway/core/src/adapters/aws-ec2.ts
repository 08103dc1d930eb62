import { ignored, invalid, missing, type AdapterContext } from '../adapted-event.js'
import type { RequestAction, Sku } from '../canonical-request.js'
import { machineSku } from '../hardware.js'
import { at, isCount, isFields, list, text, whole, type Fields } from '../read.js'
import { range } from '../request-builder.js'
import type { Ask, AskOrEvent } from './ask.js'

type Rule = (record: Fields, context: AdapterContext) => AskOrEvent

export const idsOf = (items: unknown, name: string): string[] => list(items).flatMap((item) => text(at(item, name), 500) ?? [])

// CloudTrail writes some EC2 calls as `{<Name>Request: {<Capitalized>}}` and others flat.
function parameter(record: Fields, name: string): unknown {
  const parameters = at(record, 'requestParameters')
  const capital = name.charAt(0).toUpperCase() + name.slice(1)
  const wrapped = at(parameters, `${String(at(record, 'eventName'))}Request`)
  for (const [holder, key] of [
    [parameters, name],
    [parameters, capital],
    [wrapped, capital],
    [wrapped, name],
  ] as const) {
    const value = at(holder, key)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** One SKU times a stated count; without a type the rest must be looked up. */
export function countedMachine(
  context: AdapterContext,
  action: RequestAction,
  machine: { raw?: string | undefined; count: number; min?: number },
): Ask {
  const { raw, count } = machine
  const requestedCount = range(machine.min ?? count, count)
  return { action, requestedCount, ...(raw === undefined ? {} : { skus: [machineSku(context.catalog, { provider: 'aws', raw, count })] }) }
}

const runInstances: Rule = (record, context) => {
  const items = list(at(record, 'requestParameters', 'instancesSet', 'items'))
  const given = list(at(record, 'responseElements', 'instancesSet', 'items'))
  let [min, max] = [0, 0]
  for (const item of items) {
    const [low, high] = [whole(at(item, 'minCount')), whole(at(item, 'maxCount'))]
    if (!isCount(low))
      return low === undefined
        ? missing('requestParameters.instancesSet.items[].minCount')
        : invalid('requestParameters.instancesSet.items[].minCount')
    if (!isCount(high))
      return high === undefined
        ? missing('requestParameters.instancesSet.items[].maxCount')
        : invalid('requestParameters.instancesSet.items[].maxCount')
    min += low
    max += high
  }
  if (items.length === 0) [min, max] = [given.length, given.length]
  if (max === 0) return missing('requestParameters.instancesSet.items')
  if (range(min, max) === undefined) return invalid('requestParameters.instancesSet.items[].maxCount')
  const raw = text(at(record, 'requestParameters', 'instanceType'), 200) ?? onlyType(given)
  const ids = idsOf(given, 'instanceId')
  const reservation = text(at(record, 'responseElements', 'reservationId'), 500)
  return {
    ...countedMachine(context, 'create', { raw, count: max, min }),
    ...(isFields(at(record, 'responseElements')) ? { granted: given.length } : {}),
    resource: { kind: 'instance', id: ids.length === 1 ? ids[0] : reservation },
    resourceIds: ids,
    ...tenancy(record),
  }
}

function onlyType(given: readonly unknown[]): string | undefined {
  const types = new Set(given.map((item) => text(at(item, 'instanceType'), 200)))
  return types.size === 1 ? [...types][0] : undefined
}

const tenancy = (record: Fields): Pick<Ask, 'delivery'> => {
  const placed = at(record, 'requestParameters', 'tenancy') ?? at(record, 'requestParameters', 'placement', 'tenancy')
  return placed === 'host' ? { delivery: 'dedicated-host' } : {}
}

/** An act on named instances: how many is stated, what they are is not. */
const onInstances =
  (action: RequestAction): Rule =>
  (record) => {
    const ids = idsOf(at(record, 'requestParameters', 'instancesSet', 'items'), 'instanceId')
    if (ids.length === 0) return missing('requestParameters.instancesSet.items')
    return {
      action,
      requestedCount: range(ids.length),
      resource: { kind: 'instance', id: ids.length === 1 ? ids[0] : undefined },
      resourceIds: ids,
    }
  }

const modifyInstance: Rule = (record, context) => {
  const changed = at(record, 'requestParameters', 'instanceType')
  const raw = text(at(changed, 'value') ?? changed, 200)
  if (raw === undefined) return ignored('no-new-compute', 'ModifyInstanceAttribute without instanceType')
  const id = text(at(record, 'requestParameters', 'instanceId'), 500)
  return {
    ...countedMachine(context, 'resize', { raw, count: 1 }),
    resource: { kind: 'instance', id },
    resourceIds: id === undefined ? [] : [id],
  }
}

const capacityReservation =
  (action: RequestAction): Rule =>
  (record, context) => {
    const id = text(
      parameter(record, 'capacityReservationId') ?? at(record, 'responseElements', 'capacityReservation', 'capacityReservationId'),
      500,
    )
    const named = { resource: { kind: 'capacity-reservation', id }, resourceIds: id === undefined ? [] : [id] }
    if (action === 'delete') return { action, ...named }
    const count = whole(parameter(record, 'instanceCount'))
    if (count !== undefined && !isCount(count)) return invalid('requestParameters.instanceCount')
    const raw = text(parameter(record, 'instanceType'), 200)
    return count === undefined ? { action, ...named } : { ...countedMachine(context, action, { raw, count }), ...named }
  }

const requestSpotInstances: Rule = (record, context) => {
  const count = whole(parameter(record, 'instanceCount')) ?? 1
  if (!isCount(count)) return invalid('requestParameters.instanceCount')
  const raw = text(at(parameter(record, 'launchSpecification'), 'instanceType'), 200)
  return countedMachine(context, 'create', { raw, count })
}

// A fleet may take any of its types, so that only a single one says what is asked.
const fleet: Rule = (record, context) => {
  const target = parameter(record, 'targetCapacitySpecification')
  const count = whole(at(target, 'TotalTargetCapacity') ?? at(target, 'totalTargetCapacity'))
  if (count !== undefined && !isCount(count)) return invalid('requestParameters.TargetCapacitySpecification.TotalTargetCapacity')
  const configurations = parameter(record, 'launchTemplateConfigs')
  const types = new Set<string>()
  for (const configuration of Array.isArray(configurations) ? list(configurations) : [configurations]) {
    const overrides = at(configuration, 'Overrides') ?? at(configuration, 'overrides')
    for (const override of Array.isArray(overrides) ? list(overrides) : [overrides]) {
      const type = text(at(override, 'InstanceType') ?? at(override, 'instanceType'), 200)
      if (type !== undefined) types.add(type)
    }
  }
  const raw = types.size === 1 ? [...types][0] : undefined
  return count === undefined ? { action: 'create' } : countedMachine(context, 'create', { raw, count })
}

const hosts =
  (action: RequestAction): Rule =>
  (record) => ({
    action,
    requestedCount: range(whole(parameter(record, 'quantity'))),
    resource: { kind: 'dedicated-host' },
    resourceIds: idsOf(
      at(record, 'responseElements', 'hostIdSet', 'items') ?? at(record, 'requestParameters', 'hostIdSet', 'items'),
      'hostId',
    ),
    delivery: 'dedicated-host',
  })

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['RunInstances', runInstances],
  ['StartInstances', onInstances('start')],
  ['TerminateInstances', onInstances('delete')],
  ['ModifyInstanceAttribute', modifyInstance],
  ['RequestSpotInstances', requestSpotInstances],
  ['RequestSpotFleet', () => ({ action: 'create' })],
  ['ModifySpotFleetRequest', () => ({ action: 'resize' })],
  ['CreateFleet', fleet],
  ['ModifyFleet', (record, context) => ({ ...fleet(record, context), action: 'resize' })],
  ['RunScheduledInstances', () => ({ action: 'create' })],
  ['CreateCapacityReservation', capacityReservation('create')],
  ['ModifyCapacityReservation', capacityReservation('resize')],
  ['CancelCapacityReservation', capacityReservation('delete')],
  ['PurchaseCapacityBlock', () => ({ action: 'create' })],
  ['PurchaseCapacityBlockExtension', () => ({ action: 'renew' })],
  ['AllocateHosts', hosts('create')],
  ['ReleaseHosts', hosts('delete')],
])

// Settings of a machine that change neither its size nor whether it runs.
const SETTINGS = new RegExp(
  '^(?:Stop|Reboot|Monitor|Unmonitor|Report|Bundle|Import|Export|Reset|Associate|Disassociate|Replace|Register|Deregister|Confirm|Send|Cancel)|' +
    '^Modify(?:InstanceMetadata|InstanceCredit|InstancePlacement|InstanceMaintenance|InstanceEvent|InstanceCpu|InstanceNetwork|Hosts|PrivateDnsName|CapacityReservationFleet)|' +
    'InstanceConnectEndpoint|InstanceEventWindow|InstanceExportTask|ReservedInstances|InstanceEventNotification|FleetRole',
)
const MACHINE = /Instance|Host(?!ed)|Fleet|CapacityReservation|CapacityBlock/
const READ = /^(?:Describe|Get|List|Search)/

/** The EC2 calls. A call about a machine that no rule knows is looked up, never ignored. */
export function ec2(record: Fields, name: string, context: AdapterContext): AskOrEvent {
  const rule = RULES.get(name)
  if (rule) return rule(record, context)
  if (READ.test(name) || SETTINGS.test(name)) return ignored('no-new-compute', `ec2 ${name}`)
  if (name.includes('LaunchTemplate')) return ignored('definition', `ec2 ${name}`)
  if (MACHINE.test(name)) return { action: 'observe', unknownEvent: true }
  return ignored('other-service', `ec2 ${name}`)
}

/** SKUs of listed groups of machines. */
export function machineSkus(context: AdapterContext, groups: readonly { raw: string; count: number }[]): Sku[] {
  return groups.map((group) => machineSku(context.catalog, { provider: 'aws', ...group }))
}
