import { z } from 'zod'

/**
 * When: a report package was made and released.
 * A consumer may conclude: the package with this digest is the only version of this report; corrections are new reports.
 */
export const reportReleased = z.object({
  reportId: z.uuid(),
  template: z.enum(['decisions']),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  decisions: z.int().min(0),
  /** SHA-256 of the package, hex */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  releasedAt: z.iso.datetime(),
})
export type ReportReleased = z.infer<typeof reportReleased>
