import { catalog, envelope, type EventData, type EventType } from '@weir/contracts'
import { ok, refused, type Result } from '@weir/kernel'
import { v5 as uuidV5 } from 'uuid'
import type { NewEvent, Received, ReceivedRaw } from './event.js'
import type { OutgoingMessage, StoredMessage } from './transport.js'

/** Namespace of every id that Weir derives. */
const NAMESPACE = '6f1c2f5e-3a52-5d0e-9a57-0f2f6d1b7c11'

export const derivedId = (...parts: readonly (string | number)[]): string => uuidV5(parts.join('\n'), NAMESPACE)

export const isEventType = (type: string): type is EventType => Object.hasOwn(catalog, type)

/** An event on its way into the outbox. */
export interface EncodedEvent extends OutgoingMessage {
  readonly id: string
}

export interface EncodeContext {
  readonly id: string
  readonly source: string
  readonly time: string
}

/** CloudEvents 1.0.2, binary mode of the Kafka binding. Throws when the data breaks its contract: that is our own fault. */
export function encodeEvent(event: NewEvent, context: EncodeContext): EncodedEvent {
  const { topic, schema } = catalog[event.type]
  const parsed = schema.safeParse(event.data)
  if (!parsed.success) throw new TypeError(`${event.type} breaks its contract: ${parsed.error.message}`)
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: context.id,
    ce_type: event.type,
    ce_source: context.source,
    ce_subject: event.subject,
    ce_time: context.time,
    ce_partitionkey: event.key,
    'content-type': 'application/json',
  }
  if (event.cause.traceparent !== undefined) headers['traceparent'] = event.cause.traceparent
  return { id: context.id, topic, key: event.key, headers, value: JSON.stringify(parsed.data) }
}

/** What a consumer makes of a message. `foreign`: a type it does not consume. */
export type Decoded =
  | { readonly kind: 'event'; readonly event: Received }
  | { readonly kind: 'raw'; readonly event: ReceivedRaw }
  | { readonly kind: 'foreign' }

/** Refused: the reason why the message can never be handled. */
export function decodeMessage(message: StoredMessage, consumes: ReadonlySet<string>): Result<Decoded, string> {
  if (message.unreadable !== undefined) return refused(message.unreadable)
  if (message.topic === 'weir.intake') return rawMessage(message)
  const type = message.headers['ce_type'] ?? ''
  if (!consumes.has(type)) return type === '' ? refused('ce_type is missing') : ok({ kind: 'foreign' })
  if (!isEventType(type) || catalog[type].topic !== message.topic) return refused(`${type} does not belong on ${message.topic}`)
  const event = envelopeOf(message)
  if (!event.ok) return event
  const data = dataOf(message.value, type)
  if (!data.ok) return data
  return ok({ kind: 'event', event: { ...event.value, type, data: data.value } })
}

function rawMessage(message: StoredMessage): Result<Decoded, string> {
  if (message.value === undefined) return refused('the message has no value')
  // The content too: a log that lost its end gives the same offset to another message.
  const id = derivedId(message.topic, message.partition, message.offset.toString(), message.key ?? '', message.value)
  return ok({ kind: 'raw', event: { id, topic: message.topic, key: message.key, headers: message.headers, value: message.value } })
}

function envelopeOf(message: StoredMessage): Result<Omit<Received, 'data' | 'type'>, string> {
  const { headers, key } = message
  const parsed = envelope.safeParse({
    id: headers['ce_id'],
    type: headers['ce_type'],
    source: headers['ce_source'],
    subject: headers['ce_subject'],
    time: headers['ce_time'],
    key,
    ...(headers['traceparent'] === undefined ? {} : { traceparent: headers['traceparent'] }),
  })
  if (!parsed.success)
    return refused(`the envelope is broken: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`)
  const { id, source, subject, time, traceparent } = parsed.data
  return ok({ id, source, subject, time, key: parsed.data.key, ...(traceparent === undefined ? {} : { traceparent }) })
}

function dataOf(value: string | undefined, type: EventType): Result<EventData<EventType>, string> {
  if (value === undefined) return refused('the message has no value')
  let json: unknown
  try {
    json = JSON.parse(value)
  } catch {
    return refused('the value is not JSON')
  }
  const parsed = catalog[type].schema.safeParse(json)
  if (parsed.success) return ok(parsed.data)
  return refused(
    `the data breaks its contract: ${parsed.error.issues
      .map((issue) => `${issue.path.join('.')} ${issue.message}`)
      .slice(0, 5)
      .join('; ')}`,
  )
}
