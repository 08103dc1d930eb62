import type { z } from 'zod'
import { actMoved } from './provisioning-moved.js'

/**
 * When: the platform reports that the resource of a request was given back for good.
 * A consumer may conclude: the machines of the request no longer run.
 */
export const provisioningReleased = actMoved
export type ProvisioningReleased = z.infer<typeof provisioningReleased>
