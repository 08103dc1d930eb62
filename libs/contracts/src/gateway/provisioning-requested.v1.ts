import { z } from 'zod'
import { canonicalRequest } from './canonical-request.v1.js'

/**
 * When: the gateway accepted a request, or asks an open one again because something about it changed.
 * A consumer may conclude: the request is stored under its id, and the owner of each assessment owes one for this `ask`.
 */
export const provisioningRequested = z.object({
  requestId: z.uuid(),
  /** counts from 1; each ask is assessed and decided by itself, a later one replaces an earlier one */
  ask: z.int().min(1),
  because: z.enum(['received', 'step', 'tenant-known']),
  receivedAt: z.iso.datetime(),
  /** as the gateway knows it from identity's events; absent: nobody knows this tenant yet */
  customerId: z.string().min(1).max(200).optional(),
  request: canonicalRequest,
})
export type ProvisioningRequested = z.infer<typeof provisioningRequested>
