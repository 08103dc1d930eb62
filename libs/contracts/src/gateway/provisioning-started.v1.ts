import type { z } from 'zod'
import { actMoved } from './provisioning-moved.js'

/**
 * When: the platform reports that the act of a request succeeded: the machines run.
 * A consumer may conclude: what was reserved for the request is now used.
 */
export const provisioningStarted = actMoved
export type ProvisioningStarted = z.infer<typeof provisioningStarted>
