import { z } from 'zod'

/** The ledger's environment. */
export const ledgerConfig = z.object({
  /** PKCS8 PEM of the Ed25519 key that signs checkpoints; `ensureLedgerKey` makes a first one */
  WEIR_LEDGER_KEY_FILE: z.string().min(1),
  /** first line of every checkpoint and name of the key; never changed for a log that exists */
  WEIR_LEDGER_ORIGIN: z
    .string()
    .regex(/^[^\s+]+$/, 'has no space and no plus')
    .default('weir.local/ledger'),
  /** folder for tiles, bundles and checkpoint as files; without it they are served over HTTP only */
  WEIR_LEDGER_DIR: z.string().optional(),
})
export type LedgerConfig = z.infer<typeof ledgerConfig>
