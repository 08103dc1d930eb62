import type { Received, ReceivedRaw } from './event.js'
import type { OutgoingMessage } from './transport.js'

/**
 * Somebody who writes down what happens to each event. Where nobody does, there is none of these: nothing is asked, and
 * nothing is made per event.
 */
export interface Tracing {
  /** A transaction begins that handles events. */
  handling(): HandlingTrace
  /** These go to the log now; called back when they are there, or are not. */
  publishing(messages: readonly OutgoingMessage[]): EndTrace
}

export type EndTrace = (error?: unknown) => void

export interface HandlingTrace {
  /** The event as its handler gets it: with a `traceparent` below which what it causes belongs. */
  event<T extends Received | ReceivedRaw>(event: T): T
  end: EndTrace
}
