import { z } from 'zod'
import { salt } from './salt.js'

/** A license as the authority issued it, in the terms that a decision needs. */
export const license = z.object({
  licenseId: z.string().min(1).max(100),
  /** the authority's own number */
  number: z.string().min(1).max(100),
  customerId: z.string().min(1).max(200),
  /** what it authorizes; a part counts if its paragraph is listed */
  paragraphs: z
    .array(z.enum(['3A090.a', '3A090.b']))
    .min(1)
    .max(2),
  /** empty: every model of these paragraphs */
  models: z.array(z.string().max(120)).max(64),
  /** accelerators in all */
  quantity: z.int().min(0).max(1_000_000_000),
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime(),
})
export type License = z.infer<typeof license>

/**
 * When: an officer registered a license.
 * A consumer may conclude: up to `quantity` accelerators may be approved under it while it is valid.
 */
export const licenseRegistered = license.extend({ salt })
export type LicenseRegistered = z.infer<typeof licenseRegistered>
