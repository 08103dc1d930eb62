import { z } from 'zod'

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)

/** The gateway's environment. */
export const gatewayConfig = z.object({
  /** file with the API keys: a JSON list of {name, sha256, scopes}; only digests of keys are stored */
  WEIR_GATEWAY_KEYS_FILE: z.string().min(1),
  /** signed-note key of the ledger, `name+hash+base64`; receipts under any other key are refused */
  WEIR_GATEWAY_LEDGER_VKEY: z.string().min(1),
  /** folder of the reference tables */
  WEIR_GATEWAY_POLICY_DIR: z.string().default(new URL('../../../../policy/', import.meta.url).pathname),
  /** qualifies tenants whose ids are unique within one installation only, e.g. `prod-1` */
  WEIR_GATEWAY_INSTALLATION: z.string().optional(),
  /** which platform a message of weir.intake is of, by its ce_source, where it has no weir-platform header */
  WEIR_GATEWAY_INTAKE_SOURCES: json(z.record(z.string(), z.string())).default({}),
  /** how many events may wait for the broker before new work is refused with 503 */
  WEIR_GATEWAY_MAX_OUTBOX: z.coerce.number().int().min(1).default(20_000),
  /** HTML file that `GET /` answers with */
  WEIR_GATEWAY_PAGE_FILE: z.string().optional(),
})
export type GatewayConfig = z.infer<typeof gatewayConfig>
