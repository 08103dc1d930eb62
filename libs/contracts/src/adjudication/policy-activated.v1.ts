import { z } from 'zod'
import { legalStatus } from './reason.js'

/**
 * When: a policy pack took effect, or began to shadow.
 * A consumer may conclude: decisions from now on pin this digest of the pack.
 */
export const policyActivated = z.object({
  packId: z.string().max(100),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  title: z.string().max(300),
  legalStatus,
  mode: z.enum(['enforced', 'shadow']),
  activatedAt: z.iso.datetime(),
  activatedBy: z.string().max(200),
})
export type PolicyActivated = z.infer<typeof policyActivated>
