import { z } from 'zod'
import { reason } from './reason.js'

/**
 * When: a decision came out as hold and an officer has to look.
 * A consumer may conclude: the case is open; several requests of one unknown tenant share one case.
 */
export const caseOpened = z.object({
  caseId: z.uuid(),
  /** `request`: one request; `tenant`: everything an unknown tenant asks for */
  scope: z.enum(['request', 'tenant']),
  requestId: z.uuid(),
  customerId: z.string().max(200).optional(),
  reasons: z.array(reason).min(1).max(100),
  openedAt: z.iso.datetime(),
})
export type CaseOpened = z.infer<typeof caseOpened>
