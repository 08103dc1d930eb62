import type { z } from 'zod'
import { licenseMoved } from './license-moved.js'

/**
 * When: an approval drew on a license.
 * A consumer may conclude: the quantity is taken from the balance and cannot be drawn twice.
 */
export const licenseReserved = licenseMoved
export type LicenseReserved = z.infer<typeof licenseReserved>
