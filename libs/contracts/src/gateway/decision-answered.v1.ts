import { z } from 'zod'
import { outcome, reason } from '../adjudication/reason.js'
import { canonicalRequest } from './canonical-request.v1.js'

/** What a platform team acts on: the answer to one request at one revision. The same over HTTP and on `weir.answers`. */
export const answer = z.object({
  id: z.uuid(),
  revision: z.int().min(1),
  outcome,
  reasons: z.array(reason).min(1).max(100),
  /** c2sp.org/tlog-proof@v1: proves offline that the decision's entry is in the log */
  receipt: z.string(),
  case: z.uuid().optional(),
  request: canonicalRequest,
})
export type Answer = z.infer<typeof answer>

/**
 * When: the receipt of a decision was verified by the gateway.
 * A consumer may conclude: the outcome is recorded and final for this revision; a later revision may replace it.
 */
export const decisionAnswered = answer
export type DecisionAnswered = Answer
