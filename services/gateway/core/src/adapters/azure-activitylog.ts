import { asked, ignored, invalid, missing, needsLookup, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import type { ActOutcome, CanonicalRequest, Principal } from '../canonical-request.js'
import { instant } from '../instant.js'
import { at, innerJson, isFields, list, text, type Fields } from '../read.js'
import { request, stated } from '../request-builder.js'
import { acceleratorsOf, isEvent, wantsLookup, type Ask } from './ask.js'
import { azureOperation } from './azure-operations.js'

const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'
const OUTCOMES: ReadonlyMap<string, ActOutcome> = new Map<string, ActOutcome>([
  ['start', 'pending'],
  ['started', 'pending'],
  ['accept', 'pending'],
  ['accepted', 'pending'],
  ['inprogress', 'pending'],
  ['active', 'pending'],
  ['success', 'succeeded'],
  ['succeeded', 'succeeded'],
  ['failure', 'failed'],
  ['failed', 'failed'],
  ['cancel', 'failed'],
  ['canceled', 'failed'],
  ['cancelled', 'failed'],
])

/** The same record in the stream's spelling (texts) and in the REST interface's (objects). */
interface Shape {
  operation: unknown
  status: unknown
  category: unknown
  resourceId: string | undefined
  eventId: string | undefined
  time: unknown
  caller: string | undefined
  claims: unknown
  answered: string
}

const REST_EVENT = /^(.*)\/events\/([^/]+)/i

function restShape(record: Fields): Shape {
  const fromId = REST_EVENT.exec(text(at(record, 'id'), 2000) ?? '')
  return {
    operation: at(record, 'operationName', 'value'),
    status: at(record, 'status', 'value'),
    category: at(record, 'category', 'value'),
    resourceId: text(at(record, 'resourceId'), 2000) ?? fromId?.[1],
    eventId: text(at(record, 'eventDataId')) ?? text(fromId?.[2]),
    time: at(record, 'eventTimestamp'),
    caller: text(at(record, 'caller'), 500),
    claims: at(record, 'claims'),
    answered: [at(record, 'subStatus', 'value'), at(record, 'properties', 'statusCode')].map(String).join(' '),
  }
}

function streamShape(record: Fields): Shape {
  const identity = innerJson(at(record, 'identity'))
  return {
    operation: at(record, 'operationName'),
    status: at(record, 'resultType'),
    category: at(record, 'category'),
    resourceId: text(at(record, 'resourceId'), 2000),
    eventId: text(at(record, 'correlationId')),
    time: at(record, 'time'),
    caller: text(at(record, 'caller'), 500),
    claims: at(identity, 'claims'),
    answered: [at(record, 'resultSignature'), at(record, 'properties', 'statusCode')].map(String).join(' '),
  }
}

function principalOf({ caller, claims }: Shape): Principal | undefined {
  const user = [caller, text(at(claims, UPN), 500), text(at(claims, 'upn'), 500)].find((name) => name?.includes('@'))
  if (user !== undefined) return { type: 'user', id: user }
  const application = text(at(claims, 'appid'), 500) ?? caller
  return application === undefined ? undefined : { type: 'application', id: application }
}

interface Known {
  shape: Shape
  resourceId: string
  subscription: string
  body: unknown
}

function requestOf(known: Known, ask: Ask): CanonicalRequest {
  const { shape, body, resourceId } = known
  const region = text(at(body, 'location'), 100)
  const outcome = OUTCOMES.get(String(shape.status).toLowerCase())
  const max = ask.requestedCount?.max
  const granted = outcome === 'pending' ? null : outcome === 'failed' ? 0 : outcome === 'succeeded' ? max : undefined
  return request({
    source: 'azure-activitylog',
    sourceEventId: shape.eventId,
    occurredAt: instant(shape.time),
    action: ask.action,
    tenantRef: { system: 'azure', id: known.subscription },
    enforcement: 'post',
    provider: 'azure',
    principal: principalOf(shape),
    resource: stated({ id: text(resourceId.toLowerCase(), 500), name: text(resourceId.slice(resourceId.lastIndexOf('/') + 1)) }),
    region: region === undefined ? undefined : { raw: region },
    skus: ask.skus ?? [],
    requestedCount: ask.requestedCount,
    grantedCount: ask.action === 'delete' ? undefined : granted,
    accelerators: acceleratorsOf(ask),
    workloadHints: ask.hints,
    delivery: ask.delivery,
    outcome,
  })
}

function adaptRecord(record: unknown, context: AdapterContext): AdaptedEvent {
  if (!isFields(record)) return unreadable('not-the-format', 'an activity log record is a JSON object')
  const shape = isFields(at(record, 'operationName')) ? restShape(record) : streamShape(record)
  const operation = text(shape.operation, 500)?.toLowerCase()
  if (operation === undefined) return missing('operationName')
  const category = text(shape.category)
  if (category !== undefined && category.toLowerCase() !== 'administrative') return ignored('other-service', `category ${category}`)
  const body = innerJson(at(record, 'properties', 'responseBody')) ?? innerJson(at(record, 'properties', 'requestbody'))
  const ask = azureOperation({ operation, body, existed: /(?:^|[ .])OK(?:[ .]|$)/i.test(shape.answered) }, context)
  if (isEvent(ask)) return ask
  const { resourceId } = shape
  if (resourceId === undefined) return missing('resourceId')
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(resourceId)?.[1]?.toLowerCase()
  if (text(subscription) === undefined || subscription === undefined) return invalid('resourceId')
  const correlation = text(at(record, 'correlationId')) ?? shape.eventId
  const resource = resourceId.toLowerCase()
  const trace = {
    detail: operation,
    actKey: correlation === undefined ? undefined : `azure:${correlation.toLowerCase()}:${resource}:${operation}`,
    resourceIds: [resource],
  }
  const made = requestOf({ shape, resourceId, subscription, body }, ask)
  if (!wantsLookup(ask)) return asked(made, trace)
  return needsLookup(made, { ...trace, code: ask.unknownEvent ? 'unknown-event' : 'resource-only' })
}

/** A stream record, a list of them, `{records: []}`, or what the REST interface answers: `{value: []}`. */
export function adaptActivityLog(body: unknown, context: AdapterContext): AdaptedEvent[] {
  const lists = [body, at(body, 'records'), at(body, 'value')].find((candidate) => Array.isArray(candidate))
  const records = lists === undefined ? [body] : list(lists)
  return records.map((record) => adaptRecord(record, context))
}
