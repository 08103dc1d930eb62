import { z } from 'zod'

/**
 * When: an officer proposed how a case should end.
 * A consumer may conclude: nothing is decided; another officer has to approve the proposal.
 */
export const caseActed = z.object({
  caseId: z.uuid(),
  action: z.enum(['proposed', 'proposal-rejected']),
  officer: z.string().max(200),
  outcome: z.enum(['approve', 'deny']).optional(),
  note: z.string().max(2000),
  actedAt: z.iso.datetime(),
})
export type CaseActed = z.infer<typeof caseActed>
