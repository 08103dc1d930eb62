import { asked, ignored, invalid, missing, needsLookup, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import type { CanonicalRequest } from '../canonical-request.js'
import { sameJson } from '../merge-step.js'
import { at, isCount, isFields, list, text, whole, type Fields } from '../read.js'
import { range, request } from '../request-builder.js'
import { qualified } from '../tenant-system.js'
import { acceleratorsOf, isEvent, wantsLookup, type Ask, type AskOrEvent } from './ask.js'
import { askOfObject, isClusterOwnWork } from './kubernetes-ask.js'

const existing = (review: Fields): unknown => at(review, 'oldObject')

function scaleAsk(review: Fields): AskOrEvent {
  const replicas = whole(at(review, 'object', 'spec', 'replicas'))
  if (replicas === undefined) return missing('request.object.spec.replicas')
  if (replicas === 0) return ignored('no-new-compute', 'scale to 0')
  if (!isCount(replicas)) return invalid('request.object.spec.replicas')
  return { action: 'resize', requestedCount: range(replicas), resource: { kind: text(at(review, 'requestKind', 'kind'), 100) } }
}

// An update asks again only where what it takes differs from before.
function updateAsk(review: Fields, context: AdapterContext): AskOrEvent {
  const after = askOfObject(at(review, 'object'), context)
  const before = isFields(existing(review)) ? askOfObject(existing(review), context) : undefined
  if (isEvent(after)) {
    const emptied = after.reason.code === 'no-new-compute' && before !== undefined && !isEvent(before)
    return emptied ? { ...before, action: 'delete', skus: [], requestedCount: undefined } : after
  }
  const same =
    before !== undefined && !isEvent(before) && sameJson(taken(before), taken(after)) && (after.skus !== undefined || sameSpec(review))
  return same ? ignored('no-new-compute', 'an update that takes the same as before') : { ...after, action: 'resize' }
}

// Where an object does not say what it takes, any change of its spec may change that.
const sameSpec = (review: Fields): boolean => sameJson(at(review, 'object', 'spec'), at(review, 'oldObject', 'spec'))

const taken = ({ skus, requestedCount }: Ask): object => ({ skus, requestedCount })

function deleteAsk(review: Fields, context: AdapterContext): AskOrEvent {
  const ask = askOfObject(isFields(existing(review)) ? existing(review) : at(review, 'object'), context)
  if (isEvent(ask)) return ask.result === 'ignored' ? ask : ignored('no-new-compute', 'a deletion that names no object')
  return { ...ask, action: 'delete' }
}

function askOf(review: Fields, context: AdapterContext): AskOrEvent {
  const operation = text(at(review, 'operation'), 50)
  const subResource = text(at(review, 'subResource') ?? at(review, 'requestSubResource'), 100)
  if (subResource !== undefined) return subResource === 'scale' ? scaleAsk(review) : ignored('no-new-compute', `subresource ${subResource}`)
  if (operation === 'CREATE') return askOfObject(at(review, 'object'), context)
  if (operation === 'UPDATE') return updateAsk(review, context)
  if (operation === 'DELETE') return deleteAsk(review, context)
  return operation === undefined ? missing('request.operation') : ignored('no-new-compute', operation)
}

function requestOf(review: Fields, ask: Ask, context: AdapterContext): CanonicalRequest {
  const object = isFields(at(review, 'object')) ? at(review, 'object') : existing(review)
  const namespace = text(at(object, 'metadata', 'namespace')) ?? text(at(review, 'namespace'))
  const username = text(at(review, 'userInfo', 'username'), 500)
  return request({
    source: 'kubernetes-admission',
    sourceEventId: text(at(review, 'uid')),
    action: ask.action,
    tenantRef: namespace === undefined ? undefined : { system: qualified('kubernetes', context), id: namespace },
    enforcement: 'pre',
    principal:
      username === undefined
        ? undefined
        : { type: username.startsWith('system:serviceaccount:') ? 'serviceAccount' : 'user', id: username },
    resource: ask.resource,
    skus: ask.skus ?? [],
    requestedCount: ask.requestedCount,
    grantedCount: ask.action === 'delete' ? undefined : null,
    accelerators: acceleratorsOf(ask),
    workloadHints: ask.hints,
    network: ask.network,
    outcome: 'pending',
  })
}

function adaptReview(body: unknown, context: AdapterContext): AdaptedEvent {
  if (!isFields(body) || at(body, 'kind') !== 'AdmissionReview') return unreadable('not-the-format', 'kind is not AdmissionReview')
  const review = at(body, 'request')
  if (!isFields(review)) return missing('request')
  const uid = text(at(review, 'uid'))
  if (uid === undefined) return missing('request.uid')
  if (at(review, 'dryRun') === true) return ignored('dry-run', 'request.dryRun')
  const object = isFields(at(review, 'object')) ? at(review, 'object') : existing(review)
  const namespace = text(at(review, 'namespace')) ?? text(at(object, 'metadata', 'namespace'))
  const username = text(at(review, 'userInfo', 'username'), 500)
  if (isClusterOwnWork({ namespace, username, object }))
    return ignored('cluster-own-work', `${username ?? 'nobody'} in ${namespace ?? 'no namespace'}`)
  const ask = askOf(review, context)
  if (isEvent(ask)) return ask
  const kind = text(at(object, 'kind'), 100) ?? 'object'
  const trace = {
    detail: `${String(at(review, 'operation'))} ${kind}`.slice(0, 200),
    actKey: `${qualified('kubernetes', context)}:${uid}`,
    resourceIds: ask.resourceIds,
  }
  const made = requestOf(review, ask, context)
  return wantsLookup(ask) ? needsLookup(made, trace) : asked(made, trace)
}

/** An AdmissionReview of `admission.k8s.io/v1`. */
export const adaptAdmissionReview = (body: unknown, context: AdapterContext): AdaptedEvent[] =>
  (Array.isArray(body) ? list(body) : [body]).map((review) => adaptReview(review, context))
