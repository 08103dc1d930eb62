import { z } from 'zod'

/** A movement of a license's balance, in accelerators. */
export const licenseMoved = z.object({
  licenseId: z.string().max(100),
  reservationId: z.uuid(),
  requestId: z.uuid(),
  quantity: z.int().min(1),
  /** what is left to reserve after this movement */
  available: z.int().min(0),
  at: z.iso.datetime(),
})
