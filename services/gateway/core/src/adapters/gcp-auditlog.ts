import { asked, ignored, missing, needsLookup, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import type { CanonicalRequest } from '../canonical-request.js'
import { instant } from '../instant.js'
import { mergeStep } from '../merge-step.js'
import { at, isFields, list, text, whole, type Fields } from '../read.js'
import { request, stated } from '../request-builder.js'
import { acceleratorsOf, isEvent, wantsLookup, type Ask, type AskOrEvent } from './ask.js'
import { googleService } from './gcp-managed.js'
import { askOfObject, isClusterOwnWork } from './kubernetes-ask.js'

function regionOf(entry: Fields, ask: Ask): string | undefined {
  const payload = at(entry, 'protoPayload')
  const current = list(at(payload, 'resourceLocation', 'currentLocations'))[0] ?? list(at(entry, 'resourceLocation', 'currentLocations'))[0]
  const labels = at(entry, 'resource', 'labels')
  return (
    text(current, 100) ??
    text(at(labels, 'zone'), 100) ??
    text(at(labels, 'location'), 100) ??
    ask.region ??
    text(at(labels, 'region'), 100)
  )
}

function principalOf(entry: Fields): CanonicalRequest['principal'] {
  const id = text(at(entry, 'protoPayload', 'authenticationInfo', 'principalEmail'), 500)
  if (id === undefined) return undefined
  const service = id.endsWith('gserviceaccount.com') || id.startsWith('system:serviceaccount:')
  return { type: service ? 'serviceAccount' : 'user', id }
}

type Status = Pick<CanonicalRequest, 'outcome' | 'grantedCount'>

function statusOf(entry: Fields, ask: Ask): Status {
  const changes = ask.action !== 'delete'
  const code = whole(at(entry, 'protoPayload', 'status', 'code'))
  if (code !== undefined && code !== 0) return { outcome: 'failed', ...(changes ? { grantedCount: 0 } : {}) }
  const operation = at(entry, 'operation')
  if (at(operation, 'first') === true && at(operation, 'last') !== true)
    return { outcome: 'pending', ...(changes ? { grantedCount: null } : {}) }
  const max = ask.managed ? undefined : ask.requestedCount?.max
  return { outcome: 'succeeded', ...(changes && max !== undefined ? { grantedCount: max } : {}) }
}

function requestOf(entry: Fields, ask: Ask, project: string): CanonicalRequest {
  const region = regionOf(entry, ask)
  const name = text(at(entry, 'protoPayload', 'resourceName'), 500)
  return request({
    source: 'gcp-auditlog',
    sourceEventId: text(at(entry, 'insertId')),
    occurredAt: instant(at(entry, 'timestamp')),
    action: ask.action,
    tenantRef: { system: 'gcp', id: project },
    enforcement: 'post',
    provider: 'gcp',
    principal: principalOf(entry),
    resource: stated({ kind: text(at(entry, 'resource', 'type'), 100), id: name }),
    region: region === undefined ? undefined : { raw: region },
    skus: ask.skus ?? [],
    requestedCount: ask.requestedCount,
    accelerators: acceleratorsOf(ask),
    workloadHints: ask.hints,
    network: ask.network,
    delivery: ask.delivery,
    ...statusOf(entry, ask),
  })
}

// GKE logs the Kubernetes API under its own service; the object is in the request.
function kubernetesCall(entry: Fields, method: string): AskOrEvent | { object: unknown } {
  const payload = at(entry, 'protoPayload')
  const object = at(payload, 'request')
  const namespace = text(at(object, 'metadata', 'namespace'))
  const username = text(at(payload, 'authenticationInfo', 'principalEmail'), 500)
  if (isClusterOwnWork({ namespace, username, object })) return ignored('cluster-own-work', `${method} by ${username ?? 'nobody'}`)
  return method.endsWith('.create') ? { object } : ignored('no-new-compute', method)
}

function askOf(entry: Fields, call: { service: string; method: string }, context: AdapterContext): AskOrEvent {
  if (call.service !== 'k8s.io') {
    const method = call.method.replace(/^(?:v\d\w*|beta|alpha)\./, '')
    return googleService(call.service, { method, request: at(entry, 'protoPayload', 'request') }, context)
  }
  const found = kubernetesCall(entry, call.method)
  return 'object' in found ? askOfObject(found.object, context) : found
}

function adaptEntry(entry: unknown, context: AdapterContext): AdaptedEvent {
  if (!isFields(entry)) return unreadable('not-the-format', 'an audit log entry is a JSON object')
  if (!isFields(at(entry, 'protoPayload'))) return missing('protoPayload')
  const method = text(at(entry, 'protoPayload', 'methodName'), 300)
  const service = text(at(entry, 'protoPayload', 'serviceName'), 300)
  if (method === undefined) return missing('protoPayload.methodName')
  if (service === undefined) return missing('protoPayload.serviceName')
  const ask = askOf(entry, { service, method }, context)
  if (isEvent(ask)) return ask
  const project = text(at(entry, 'resource', 'labels', 'project_id'))
  if (project === undefined) return missing('resource.labels.project_id')
  const act = text(at(entry, 'operation', 'id'), 500) ?? text(at(entry, 'insertId'))
  const name = text(at(entry, 'protoPayload', 'resourceName'), 500)
  const trace = {
    detail: `${service} ${method}`,
    actKey: act === undefined ? undefined : `gcp:${project}:${act}`,
    resourceIds: name === undefined ? [] : [name],
  }
  const made = requestOf(entry, ask, project)
  if (!wantsLookup(ask)) return asked(made, trace)
  return needsLookup(made, { ...trace, code: ask.unknownEvent ? 'unknown-event' : 'resource-only' })
}

/** Folds a later entry of the same operation into the one that stands for it. */
function joined(first: AdaptedEvent, later: AdaptedEvent): AdaptedEvent {
  const [stored, step] = [first.requests[0], later.requests[0]]
  if (stored === undefined || step === undefined) return first
  const { request: merged } = mergeStep(stored, step)
  const known = first.result === 'request' || later.result === 'request'
  return { ...(first.result === 'request' ? first : later), result: known ? 'request' : 'needs-lookup', requests: [merged] }
}

/** Entries of one operation are one event, told by its first entry wherever that stands in the body. */
function byOperation(entries: readonly unknown[], events: readonly AdaptedEvent[]): AdaptedEvent[] {
  const rows: { key: string | undefined; members: { first: boolean; event: AdaptedEvent }[] }[] = []
  const byKey = new Map<string, (typeof rows)[number]>()
  for (const [i, event] of events.entries()) {
    const key = event.step?.actKey
    const member = { first: at(entries[i], 'operation', 'first') === true, event }
    const row = key === undefined ? undefined : byKey.get(key)
    if (row) {
      row.members.push(member)
      continue
    }
    const added = { key, members: [member] }
    rows.push(added)
    if (key !== undefined) byKey.set(key, added)
  }
  return rows.flatMap(({ members }) => {
    const ordered = [...members].sort((a, b) => Number(b.first) - Number(a.first)).map(({ event }) => event)
    const [head, ...later] = ordered
    return head === undefined ? [] : [later.reduce(joined, head)]
  })
}

/** An entry, a list of entries, or an answer of the logging API with `entries`. */
export function adaptAuditLog(body: unknown, context: AdapterContext): AdaptedEvent[] {
  const entries = Array.isArray(body) ? list(body) : Array.isArray(at(body, 'entries')) ? list(at(body, 'entries')) : [body]
  return byOperation(
    entries,
    entries.map((entry) => adaptEntry(entry, context)),
  )
}
