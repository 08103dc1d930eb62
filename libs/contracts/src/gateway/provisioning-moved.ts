import { z } from 'zod'

/** What the platform reports about an act whose request is known. */
export const actMoved = z.object({
  requestId: z.uuid(),
  /** of the record that tells it */
  sourceEventId: z.string().min(1).max(300).optional(),
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  grantedCount: z.int().min(0).max(1_000_000).nullable().optional(),
})
