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

const limit = (usual: number) => z.coerce.number().int().min(1).default(usual)

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
  /** how many events may wait for the broker before nobody is kept waiting for an answer: 202 at once */
  WEIR_GATEWAY_WAIT_OUTBOX: limit(2_000),
  /** how many events may wait for the broker before new work is refused with 503 */
  WEIR_GATEWAY_MAX_OUTBOX: limit(20_000),
  /** how long the oldest event may wait for the broker before nobody is kept waiting for an answer */
  WEIR_GATEWAY_WAIT_OUTBOX_AGE_MS: limit(2_000),
  /** how long the oldest event may wait for the broker before new work is refused with 503; readiness ends then too */
  WEIR_GATEWAY_MAX_OUTBOX_AGE_MS: limit(60_000),
  /** how many messages with decisions and receipts may wait for this service before nobody is kept waiting for an answer */
  WEIR_GATEWAY_WAIT_LAG: limit(5_000),
  /** how many messages with decisions and receipts may wait for this service before new work is refused with 503 */
  WEIR_GATEWAY_MAX_LAG: limit(50_000),
  /** by how much the event loop may be late, in every half second of the last one and a half, before nobody is kept waiting */
  WEIR_GATEWAY_WAIT_LOOP_DELAY_MS: limit(500),
  /** by how much the event loop may be late before new work is refused with 503 */
  WEIR_GATEWAY_MAX_LOOP_DELAY_MS: limit(2_000),
  /** how many requests may be accepted and not answered, wherever they are, before nobody is kept waiting for an answer */
  WEIR_GATEWAY_WAIT_OPEN: limit(2_000),
  /** how many may be before new work is refused with 503; from half of them on callers with more than their share get 429 */
  WEIR_GATEWAY_MAX_OPEN: limit(20_000),
  /** HTML file that `GET /` answers with */
  WEIR_GATEWAY_PAGE_FILE: z.string().optional(),
})
export type GatewayConfig = z.infer<typeof gatewayConfig>
