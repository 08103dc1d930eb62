import { randomUUID } from 'node:crypto'
import { adapt, validateAgainstClock, type AdaptedEvent, type AdapterContext, type Platform } from '@weir/gateway-core'
import { canonicalRequest, type CanonicalRequest } from '@weir/contracts'
import type { UnitOfWork } from '@weir/messaging'
import type { AcceptRequests, Ask } from './accept-requests.js'
import { fingerprintOf, nativeActKey } from './decide-request.js'
import type { UnreadEvents } from './ports.js'
import { unstorableTexts } from './unstorable-texts.js'

/** What one event of a body became; `requests` states each as the body does, with the id it got. */
export interface EventResult {
  readonly result: AdaptedEvent['result']
  /** why, in words that name the field or the kind of event */
  readonly reason: string
  readonly requests: readonly (CanonicalRequest & { readonly id: string })[]
}

export interface SourceBody {
  readonly platform: Platform
  readonly body: unknown
  /** what is kept of it if it cannot be read */
  readonly text: string
  readonly traceparent?: string | undefined
  readonly caller?: string | undefined
}

interface SourceDeps {
  readonly requests: AcceptRequests
  readonly unread: UnreadEvents
  readonly context: AdapterContext
  /** one per event, by what became of it */
  count(platform: Platform, result: AdaptedEvent['result']): void
}

/** Takes a platform's own record: reads it, accepts what asks for compute, keeps what cannot be read. */
export class TakeSourceBody {
  constructor(private readonly deps: SourceDeps) {}

  async take(unit: UnitOfWork, source: SourceBody): Promise<EventResult[]> {
    const now = unit.now.toISOString()
    const events = adapt(source.platform, source.body, this.deps.context).map((event) => checked(event, now))
    const asks = events.map((event) => event.requests.map((request, ordinal) => askOf(source, { event, request, ordinal })))
    const accepted = await this.deps.requests.accept(unit, asks.flat())
    let next = 0
    const results = events.map((event): EventResult => {
      const requests = event.requests.map((request) => ({ ...request, id: accepted[next++]?.requestId ?? '' }))
      return { result: event.result, reason: event.reason.detail, requests }
    })
    await this.keepUnread(unit, { source, events })
    for (const event of events) this.deps.count(source.platform, event.result)
    return results
  }

  private async keepUnread(
    unit: UnitOfWork,
    taken: { readonly source: SourceBody; readonly events: readonly AdaptedEvent[] },
  ): Promise<void> {
    const reasons = taken.events.filter((event) => event.result === 'unreadable').map((event) => event.reason.detail)
    if (reasons.length === 0) return
    const { platform, text } = taken.source
    await this.deps.unread.keep(unit.tx, [{ id: randomUUID(), platform, reason: reasons.slice(0, 20).join('; '), body: text }])
  }
}

/** Nothing that the contract or the clock refuses goes on; the reason names the field. */
function checked(event: AdaptedEvent, now: string): AdaptedEvent {
  for (const request of event.requests) {
    const parsed = canonicalRequest.safeParse(request)
    const issue = parsed.success ? undefined : parsed.error.issues[0]
    if (issue !== undefined) return unreadable(`${issue.path.map(String).join('.')}: ${issue.message}`)
    const [text] = unstorableTexts(request)
    if (text !== undefined) return unreadable(`${text.pointer.slice(1)}: ${text.detail}`)
    const late = validateAgainstClock(request, now)[0]
    if (late !== undefined) return unreadable(`${late.pointer.slice(1)}: ${late.detail}`)
  }
  return event
}

const unreadable = (detail: string): AdaptedEvent => ({ result: 'unreadable', reason: { code: 'field-invalid', detail }, requests: [] })

function askOf(
  source: SourceBody,
  one: { readonly event: AdaptedEvent; readonly request: CanonicalRequest; readonly ordinal: number },
): Ask {
  const fingerprint = fingerprintOf(one.request)
  // A native request is the same one whether it comes as a CloudEvent or by command; a platform's record is the same one
  // whether it comes by itself or inside a CloudEvent.
  const act = one.event.step?.actKey ?? `${source.platform}:${one.request.sourceEventId ?? fingerprint}`
  const actKey = act.startsWith('native:') ? nativeActKey(one.request) : `record\n${act}${one.ordinal ? `\n${one.ordinal}` : ''}`
  return {
    request: one.request,
    actKey,
    fingerprint,
    whole: false,
    resourceIds: one.event.resourceIds ?? [],
    traceparent: source.traceparent,
    caller: source.caller,
  }
}
