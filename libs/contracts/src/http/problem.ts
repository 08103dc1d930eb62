import { z } from 'zod'

/** RFC 9457: what every refusal and failure is told as, in `application/problem+json`. */
export const problem = z.object({
  /** `urn:weir:problem:<code>` */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** stable, kebab-case: what programs match */
  code: z.string().regex(/^[a-z0-9-]+$/),
  detail: z.string().optional(),
  /** `pointer` is RFC 6901, into the request body */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})
export type Problem = z.infer<typeof problem>
