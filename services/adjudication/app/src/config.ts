import { z } from 'zod'

const milliseconds = (from: number, to: number) => z.coerce.number().int().min(from).max(to)

export const adjudicationConfig = z.object({
  /** how long a request waits for both assessments before it is held; counted by the database's clock */
  WEIR_ADJUDICATION_DEADLINE_MS: milliseconds(50, 3_600_000).default(5000),
  /** how often the service looks for requests whose deadline has passed, and for licenses that may end a hold */
  WEIR_ADJUDICATION_SWEEP_MS: milliseconds(20, 60_000).default(250),
  /** directory with `packs/` and `country-groups.csv`; a site may keep its own copy */
  WEIR_ADJUDICATION_POLICY_DIR: z.string().min(1).optional(),
})
export type AdjudicationConfig = z.infer<typeof adjudicationConfig>

export const POLICY_DIR = new URL('../../../../policy/', import.meta.url)
