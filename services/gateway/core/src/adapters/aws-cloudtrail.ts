import { asked, ignored, missing, needsLookup, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import type { CanonicalRequest, Principal, PrincipalType } from '../canonical-request.js'
import { instant } from '../instant.js'
import { at, isFields, list, text, type Fields } from '../read.js'
import { request, stated } from '../request-builder.js'
import { acceleratorsOf, isEvent, wantsLookup, type Ask } from './ask.js'
import { ec2 } from './aws-ec2.js'
import { managedService } from './aws-managed.js'

const PRINCIPALS: ReadonlyMap<string, PrincipalType> = new Map<string, PrincipalType>([
  ['IAMUser', 'user'],
  ['IdentityCenterUser', 'user'],
  ['FederatedUser', 'user'],
  ['SAMLUser', 'user'],
  ['WebIdentityUser', 'user'],
  ['AssumedRole', 'role'],
  ['Role', 'role'],
  ['Root', 'root'],
  ['AWSService', 'service'],
])

function principalOf(identity: unknown): Principal | undefined {
  const type = PRINCIPALS.get(String(at(identity, 'type')))
  const id = text(at(identity, 'arn'), 500) ?? (type === 'service' ? text(at(identity, 'invokedBy'), 500) : undefined)
  return type === undefined || id === undefined ? undefined : { type, id }
}

type Status = Pick<CanonicalRequest, 'outcome' | 'grantedCount'>

// A dry run is refused before; any other error code means that nothing was given.
function statusOf(record: Fields, ask: Ask): Status {
  const changes = ask.action !== 'delete'
  if (text(at(record, 'errorCode'), 500) !== undefined) return { outcome: 'failed', ...(changes ? { grantedCount: 0 } : {}) }
  if (!isFields(at(record, 'responseElements')) && ask.granted === undefined) return quietCall(record)
  return { outcome: 'succeeded', ...(changes && ask.granted !== undefined ? { grantedCount: ask.granted } : {}) }
}

// Calls whose answer is empty are logged with `responseElements: null`; without the member nothing is stated.
const quietCall = (record: Fields): Status => (Object.hasOwn(record, 'responseElements') ? { outcome: 'succeeded' } : {})

function requestOf(record: Fields, ask: Ask, tenant: string): CanonicalRequest {
  const region = text(at(record, 'awsRegion'), 100)
  return request({
    source: 'aws-cloudtrail',
    sourceEventId: text(at(record, 'eventID')),
    occurredAt: instant(at(record, 'eventTime')),
    action: ask.action,
    tenantRef: { system: 'aws', id: tenant },
    enforcement: 'post',
    provider: 'aws',
    principal: principalOf(at(record, 'userIdentity')),
    resource: ask.resource && stated(ask.resource),
    region: region === undefined ? undefined : { raw: region },
    skus: ask.skus ?? [],
    requestedCount: ask.requestedCount,
    accelerators: acceleratorsOf(ask),
    workloadHints: ask.hints,
    delivery: ask.delivery,
    ...statusOf(record, ask),
  })
}

/** One CloudTrail record; EventBridge carries the same in `detail`. */
export function adaptCloudTrailRecord(record: unknown, context: AdapterContext): AdaptedEvent {
  if (!isFields(record)) return unreadable('not-the-format', 'a CloudTrail record is a JSON object')
  const source = text(at(record, 'eventSource'), 200)
  const name = text(at(record, 'eventName'), 200)
  if (source === undefined) return missing('eventSource')
  if (name === undefined) return missing('eventName')
  const detail = `${source} ${name}`
  if (at(record, 'errorCode') === 'Client.DryRunOperation') return ignored('dry-run', `${detail}: Client.DryRunOperation`)
  if (at(record, 'readOnly') === true) return ignored('no-new-compute', `${detail}: readOnly`)
  const ask = source === 'ec2.amazonaws.com' ? ec2(record, name, context) : managedService(record, { source, name }, context)
  if (isEvent(ask)) return ask
  const tenant = text(at(record, 'recipientAccountId')) ?? text(at(record, 'userIdentity', 'accountId'))
  if (tenant === undefined) return missing('recipientAccountId')
  const eventId = text(at(record, 'eventID'))
  const trace = { detail, actKey: eventId === undefined ? undefined : `aws:${eventId}`, resourceIds: ask.resourceIds }
  const made = requestOf(record, ask, tenant)
  if (!wantsLookup(ask)) return asked(made, trace)
  return needsLookup(made, { ...trace, code: ask.unknownEvent ? 'unknown-event' : 'resource-only' })
}

/** A record, a list of records, or a log file with `Records`. */
export function adaptCloudTrail(body: unknown, context: AdapterContext): AdaptedEvent[] {
  const records = Array.isArray(body) ? list(body) : Array.isArray(at(body, 'Records')) ? list(at(body, 'Records')) : [body]
  return records.map((record) => adaptCloudTrailRecord(record, context))
}
