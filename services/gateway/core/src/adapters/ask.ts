import type { AdaptedEvent } from '../adapted-event.js'
import type { CanonicalRequest, Sku } from '../canonical-request.js'
import { totalsOf } from '../request-builder.js'

/** What the body of a record asks for, before the envelope's who, when and where are put around it. */
export interface Ask {
  action: CanonicalRequest['action']
  /** absent: the record names only a resource, the rest must be looked up */
  skus?: Sku[]
  requestedCount?: CanonicalRequest['requestedCount']
  /** given machines, where the record shows them apart from the outcome */
  granted?: number | undefined
  resource?: CanonicalRequest['resource']
  resourceIds?: readonly string[] | undefined
  region?: string | undefined
  hints?: string[] | undefined
  network?: CanonicalRequest['network']
  delivery?: CanonicalRequest['delivery']
  /** a managed job: the job is the ask, and nothing can be looked up where it names no machine */
  managed?: boolean
  unknownEvent?: boolean
}

export type AskOrEvent = Ask | AdaptedEvent

export const isEvent = (value: AskOrEvent): value is AdaptedEvent => 'result' in value

/** Totals of an ask; what names nothing is unknown, a release states nothing. */
export function acceleratorsOf(ask: Ask): CanonicalRequest['accelerators'] {
  if (ask.skus !== undefined) return totalsOf(ask.skus)
  return ask.action === 'delete' ? undefined : 'unknown'
}

/** A release is matched by resource id and a managed job has nothing to look up; all else without a SKU is looked up. */
export const wantsLookup = (ask: Ask): boolean =>
  ask.unknownEvent === true || (ask.skus === undefined && ask.action !== 'delete' && ask.managed !== true)
