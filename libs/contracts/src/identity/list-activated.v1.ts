import { z } from 'zod'

/**
 * When: identity put a new version of the screening lists into force.
 * A consumer may conclude: every assessment that pins this digest was screened against exactly these entries.
 */
export const listActivated = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  title: z.string().max(300),
  entries: z.int().min(0),
  activatedAt: z.iso.datetime(),
})
export type ListActivated = z.infer<typeof listActivated>
