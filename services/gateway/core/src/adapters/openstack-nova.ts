import { asked, ignored, missing, needsLookup, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import type { ActOutcome, RequestAction, Sku } from '../canonical-request.js'
import { instant } from '../instant.js'
import { at, innerJson, isFields, list, text, type Fields } from '../read.js'
import { request, stated } from '../request-builder.js'
import { qualified } from '../tenant-system.js'
import { flavorSku } from './openstack-flavor.js'

interface Family {
  action: RequestAction
  /** steps of one act share it */
  act: string
  /** where the flavor that counts stands; absent: not in this event */
  flavor?: 'flavor' | 'new_flavor'
}

const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['create', { action: 'create', act: 'create', flavor: 'flavor' }],
  // The payload of resize carries the old flavor; the new one stands in resize_prep and resize_finish.
  ['resize', { action: 'resize', act: 'resize' }],
  ['resize_prep', { action: 'resize', act: 'resize', flavor: 'new_flavor' }],
  ['resize_finish', { action: 'resize', act: 'resize', flavor: 'flavor' }],
  ['resize_revert', { action: 'resize', act: 'resize_revert' }],
  ['delete', { action: 'delete', act: 'delete' }],
  ['force_delete', { action: 'delete', act: 'delete' }],
  ['power_on', { action: 'start', act: 'power_on', flavor: 'flavor' }],
  ['unshelve', { action: 'start', act: 'unshelve', flavor: 'flavor' }],
  ['restore', { action: 'start', act: 'restore', flavor: 'flavor' }],
  ['exists', { action: 'observe', act: 'exists', flavor: 'flavor' }],
])

// What neither takes a machine nor gives one back for good.
const NO_NEW_COMPUTE = new Set(
  (
    'update reboot power_off pause unpause suspend resume shelve shelve_offload soft_delete lock unlock rescue unrescue rebuild ' +
    'rebuild_scheduled evacuate snapshot password_set trigger_crash_dump volume_attach volume_detach volume_swap interface_attach ' +
    'interface_detach live_migration_pre live_migration_post live_migration_post_dest live_migration_rollback ' +
    'live_migration_rollback_dest live_migration_abort live_migration_force_complete resize_confirm share_attach share_detach'
  ).split(' '),
)

const PHASES: ReadonlyMap<string, ActOutcome> = new Map<string, ActOutcome>([
  ['start', 'pending'],
  ['end', 'succeeded'],
  ['error', 'failed'],
])

const GRANTED = { pending: null, succeeded: 1, failed: 0 } as const

interface Notification {
  eventType: string
  message: Fields
  data: unknown
}

interface Known extends Notification {
  family: Family
  outcome: ActOutcome | undefined
  tenant: string
}

function requestOf(known: Known, sku: Sku | undefined, context: AdapterContext): ReturnType<typeof request> {
  const { message, data, family, outcome } = known
  const user = text(at(data, 'action_initiator_user'), 500)
  const zone = text(at(data, 'availability_zone'), 100)
  const id = text(at(data, 'uuid'), 500)
  const released = family.action === 'delete'
  return request({
    source: 'openstack-nova',
    sourceEventId: text(at(message, 'message_id')),
    occurredAt: instant(at(message, 'timestamp')) ?? (family.action === 'create' ? instant(at(data, 'created_at')) : undefined),
    action: family.action,
    tenantRef: { system: qualified('openstack', context), id: known.tenant },
    enforcement: 'post',
    principal: user === undefined ? undefined : { type: 'user', id: user },
    resource: stated({ kind: 'instance', id, name: text(at(data, 'display_name')) }),
    region: zone === undefined ? undefined : { raw: zone },
    skus: sku === undefined ? [] : [sku],
    requestedCount: { min: 1, max: 1 },
    grantedCount: released || outcome === undefined ? undefined : GRANTED[outcome],
    accelerators: sku?.accelerators ?? (released ? undefined : 'unknown'),
    outcome,
  })
}

function adaptInstance(notification: Notification, context: AdapterContext): AdaptedEvent {
  const { eventType, data } = notification
  const [, name = '', phase = ''] = eventType.split('.')
  if (NO_NEW_COMPUTE.has(name)) return ignored('no-new-compute', eventType)
  const tenant = text(at(data, 'tenant_id'))
  if (tenant === undefined) return missing('payload.nova_object.data.tenant_id')
  const uuid = text(at(data, 'uuid'))
  if (uuid === undefined) return missing('payload.nova_object.data.uuid')
  const family = FAMILIES.get(name) ?? { action: 'observe' as const, act: name }
  const outcome = name === 'exists' ? ('succeeded' as const) : PHASES.get(phase)
  const sku = family.flavor === undefined ? undefined : flavorSku(at(data, family.flavor), context)
  // One instance can be resized again and again: the platform's request id tells the acts apart.
  const actKey = [qualified('openstack', context), uuid, family.act, text(at(data, 'request_id')) ?? ''].join(':')
  const trace = { detail: eventType, actKey, resourceIds: [uuid] }
  const made = requestOf({ ...notification, family, outcome, tenant }, sku, context)
  if (sku !== undefined || family.action === 'delete') return asked(made, trace)
  return needsLookup(made, { ...trace, code: FAMILIES.has(name) ? 'resource-only' : 'unknown-event' })
}

function adaptMessage(raw: unknown, context: AdapterContext): AdaptedEvent {
  // The message bus wraps a notification as text.
  const message = isFields(raw) && Object.hasOwn(raw, 'oslo.message') ? innerJson(raw['oslo.message']) : raw
  if (!isFields(message)) return unreadable('not-the-format', 'a notification is a JSON object')
  const eventType = text(at(message, 'event_type'), 200)
  if (eventType === undefined) return missing('event_type')
  if (!eventType.startsWith('instance.')) {
    if (eventType.startsWith('compute.instance.'))
      return unreadable('not-the-format', `event_type ${eventType}: only versioned notifications are read`)
    return ignored('inner-step', eventType)
  }
  const payload = at(message, 'payload')
  if (isFields(payload) && Object.hasOwn(payload, '$ref')) return unreadable('field-invalid', 'payload.$ref is not resolved')
  const data = at(payload, 'nova_object.data')
  return isFields(data) ? adaptInstance({ eventType, message, data }, context) : missing('payload.nova_object.data')
}

/** A versioned notification or a list of them, bare or in the message bus's envelope. */
export const adaptNova = (body: unknown, context: AdapterContext): AdaptedEvent[] =>
  (Array.isArray(body) ? list(body) : [body]).map((message) => adaptMessage(message, context))
