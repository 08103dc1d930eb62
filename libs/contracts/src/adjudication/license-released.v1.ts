import type { z } from 'zod'
import { licenseMoved } from './license-moved.js'

/**
 * When: a reservation ended without use: the act failed or the decision was replaced.
 * A consumer may conclude: the quantity is back in the balance.
 */
export const licenseReleased = licenseMoved
export type LicenseReleased = z.infer<typeof licenseReleased>
