import { z } from 'zod'

/** The reports service's environment. */
export const reportsConfig = z.object({
  /** signed-note key of the ledger; goes into every package */
  WEIR_REPORTS_LEDGER_VKEY: z.string().min(1),
  /** the verifier that every package carries; built by `tools/build-verifier.mjs` */
  WEIR_REPORTS_VERIFIER_FILE: z.string().default(new URL('../dist/verify.mjs', import.meta.url).pathname),
  /** how long a command waits for entries that the log has and that have not arrived here, in milliseconds */
  WEIR_REPORTS_WAIT_MS: z.coerce.number().int().min(0).max(20_000).default(5_000),
  /** how many decisions one report may hold */
  WEIR_REPORTS_MAX_DECISIONS: z.coerce.number().int().min(1).max(30_000).default(30_000),
})
export type ReportsConfig = z.infer<typeof reportsConfig>
