import type { Tracing } from '@weir/messaging'
import type { RequestHandler } from 'express'

/** What a service writes down about requests and events, for a collector. */
export interface ServiceTracing {
  readonly messages: Tracing
  readonly http: RequestHandler
  /** Sends what is not sent yet, for a few seconds at most. */
  close(): Promise<void>
}
