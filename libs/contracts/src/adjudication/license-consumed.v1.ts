import type { z } from 'zod'
import { licenseMoved } from './license-moved.js'

/**
 * When: the platform reported that the machines of a reservation run.
 * A consumer may conclude: the reservation is final.
 */
export const licenseConsumed = licenseMoved
export type LicenseConsumed = z.infer<typeof licenseConsumed>
