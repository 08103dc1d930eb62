import type { EventData, EventType } from '@weir/contracts'

/** An event as a handler gets it: parsed with its contract, not seen before by this service. */
export interface Received<T extends EventType = EventType> {
  readonly id: string
  readonly type: T
  readonly source: string
  readonly subject: string
  readonly key: string
  readonly time: string
  readonly traceparent?: string
  readonly data: EventData<T>
}

/** A message of a topic that foreigners write (weir.intake): bytes as they came, no contract yet. */
export interface ReceivedRaw {
  /** UUIDv5 of topic, partition, offset and content */
  readonly id: string
  readonly topic: string
  readonly key: string | undefined
  /** names in lower case */
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
}

/** An event that a unit of work writes to the outbox. Its id is derived: a repeated run yields the same one. */
export interface NewEvent<T extends EventType = EventType> {
  readonly type: T
  readonly subject: string
  /** customer id, or `tenant:<system>:<id>` */
  readonly key: string
  readonly data: EventData<T>
  /** what caused it: a received event, or the id of a command */
  readonly cause: { readonly id: string; readonly traceparent?: string | undefined }
}
