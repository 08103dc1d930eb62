import type { z } from 'zod'
import { actMoved } from './provisioning-moved.js'

/**
 * When: the platform reports that the act of a request failed or was refused downstream.
 * A consumer may conclude: nothing of the request runs; what was reserved for it is free again.
 */
export const provisioningFailed = actMoved
export type ProvisioningFailed = z.infer<typeof provisioningFailed>
