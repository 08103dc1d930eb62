import { z } from 'zod'

export const identityConfig = z.object({
  /** A screening list in the official CSV layout, put into force at the start if none is in force yet. */
  WEIR_IDENTITY_LIST_FILE: z.string().min(1).optional(),
  /** Largest CSV body that is read, for lists and imports, in MB. */
  WEIR_IDENTITY_CSV_LIMIT_MB: z.coerce.number().int().min(1).max(512).default(64),
  /** Most customers that one import declares: they are written in one transaction. */
  WEIR_IDENTITY_IMPORT_ROWS_MAX: z.coerce.number().int().min(1).max(20_000).default(5_000),
})
export type IdentityConfig = z.infer<typeof identityConfig>
