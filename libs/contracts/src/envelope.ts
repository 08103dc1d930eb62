import { z } from 'zod'

/**
 * What every event carries besides its data: the CloudEvents 1.0.2 context attributes that Weir uses.
 * On Kafka they travel as `ce_*` headers (binary mode); `key` is the message key.
 */
export const envelope = z.object({
  id: z.uuid(),
  /** `weir.<event>.v1` */
  type: z.string().regex(/^weir\.[a-z-]+(\.[a-z-]+)*\.v[1-9]\d*$/),
  /** `/weir/<service>` */
  source: z.string().min(1).max(200),
  /** what the event is about: a request id, a customer id, a license id, … */
  subject: z.string().min(1).max(300),
  /** RFC 3339, UTC */
  time: z.iso.datetime(),
  /** customer id, or `tenant:<system>:<id>` while nobody knows whose tenant it is */
  key: z.string().min(1).max(400),
  /** W3C trace context of the request that caused this */
  traceparent: z.string().max(100).optional(),
})

export type Envelope = z.infer<typeof envelope>
