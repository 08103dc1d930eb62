import { z } from 'zod'
import { salt } from './salt.js'

/**
 * When: a case ended, by two officers or because its requests were decided without one.
 * A consumer may conclude: the case takes no further action; each of its requests has a decision of its own.
 */
export const caseResolved = z.object({
  caseId: z.uuid(),
  resolution: z.enum(['approve', 'deny', 'superseded']),
  proposedBy: z.string().max(200).optional(),
  approvedBy: z.string().max(200).optional(),
  note: z.string().max(2000).optional(),
  resolvedAt: z.iso.datetime(),
  salt,
})
export type CaseResolved = z.infer<typeof caseResolved>
