import type { Catalog } from '@weir/catalog'
import type { CanonicalRequest } from './canonical-request.js'
import { isCount, text } from './read.js'

export type AdapterResult = 'request' | 'ignored' | 'unreadable' | 'needs-lookup'

/** Why an event got its result. */
export type ReasonCode =
  | 'compute'
  | 'resource-only'
  | 'unknown-event'
  | 'other-service'
  | 'no-new-compute'
  | 'dry-run'
  | 'definition'
  | 'cluster-own-work'
  | 'inner-step'
  | 'empty'
  | 'not-the-format'
  | 'field-missing'
  | 'field-invalid'
  | 'too-many-events'

export interface Reason {
  code: ReasonCode
  /** names the field or the kind of event */
  detail: string
}

/** One event of a body. `requests` is empty for what is ignored or unreadable. */
export interface AdaptedEvent {
  result: AdapterResult
  reason: Reason
  requests: CanonicalRequest[]
  /** records with the same key tell of one act: a later one is a step of the first one's request */
  step?: { actKey: string }
  /** resources that the record names, by which a later release finds its request */
  resourceIds?: string[]
}

export interface AdapterContext {
  readonly catalog: Catalog
  /** the configured installation; qualifies tenants whose ids are unique only within one */
  readonly installation?: string | undefined
}

/** What an adapter knows of an event beside its request. */
export interface EventTrace {
  detail: string
  actKey?: string | undefined
  resourceIds?: readonly string[] | undefined
}

const MAX_RESOURCES = 1000

function withTrace(event: AdaptedEvent, trace: EventTrace): AdaptedEvent {
  const actKey = text(trace.actKey, 1500)
  if (actKey !== undefined) event.step = { actKey }
  if (trace.resourceIds?.length) event.resourceIds = trace.resourceIds.slice(0, MAX_RESOURCES)
  return event
}

const short = (detail: string): string => (detail.length > 300 ? `${detail.slice(0, 299)}…` : detail)

const MAX_DEVICES = 100_000_000

// Sums over roles and machines can leave the range that each part of them kept.
function beyondBounds({ skus, accelerators, workloadHints }: CanonicalRequest): boolean {
  const devices = Array.isArray(accelerators) ? accelerators : []
  if (skus.length > 256 || devices.length > 64 || (workloadHints?.length ?? 0) > 64) return true
  return skus.some(({ count }) => !isCount(count)) || devices.some(({ count }) => !(count > 0 && count <= MAX_DEVICES))
}

const answered = (event: AdaptedEvent, trace: EventTrace): AdaptedEvent =>
  event.requests.some(beyondBounds)
    ? unreadable('field-invalid', `${trace.detail}: its counts are beyond what can be asked`)
    : withTrace(event, trace)

export const asked = (request: CanonicalRequest, trace: EventTrace): AdaptedEvent =>
  answered({ result: 'request', reason: { code: 'compute', detail: short(trace.detail) }, requests: [request] }, trace)

/** The record names only a resource, or a kind of event that nobody knows: what it means must be read from the platform. */
export function needsLookup(request: CanonicalRequest, trace: EventTrace & { code?: 'resource-only' | 'unknown-event' }): AdaptedEvent {
  const reason = { code: trace.code ?? ('resource-only' as const), detail: short(trace.detail) }
  return answered({ result: 'needs-lookup', reason, requests: [{ ...request, accelerators: 'unknown' }] }, trace)
}

export const ignored = (
  code: 'other-service' | 'no-new-compute' | 'dry-run' | 'definition' | 'cluster-own-work' | 'inner-step' | 'empty',
  detail: string,
): AdaptedEvent => ({ result: 'ignored', reason: { code, detail: short(detail) }, requests: [] })

export const unreadable = (
  code: 'not-the-format' | 'field-missing' | 'field-invalid' | 'too-many-events',
  detail: string,
): AdaptedEvent => ({ result: 'unreadable', reason: { code, detail: short(detail) }, requests: [] })

/** Thrown nowhere: a refusal of one field, carried as a value until the event is built. */
export interface BadField {
  readonly field: string
  readonly problem: 'missing' | 'invalid'
}

export const badField = ({ field, problem }: BadField): AdaptedEvent =>
  problem === 'missing' ? unreadable('field-missing', `${field} is missing`) : unreadable('field-invalid', `${field} is not valid`)

export const missing = (field: string): AdaptedEvent => badField({ field, problem: 'missing' })
export const invalid = (field: string): AdaptedEvent => badField({ field, problem: 'invalid' })
