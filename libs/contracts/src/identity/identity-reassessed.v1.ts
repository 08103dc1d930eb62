import type { z } from 'zod'
import { identityAssessed } from './identity-assessed.v1.js'

/**
 * When: a customer, its owners or a list changed, and with it the answer to an ask that was already assessed.
 * A consumer may conclude: this replaces the earlier assessment of the same ask.
 */
export const identityReassessed = identityAssessed
export type IdentityReassessed = z.infer<typeof identityReassessed>
