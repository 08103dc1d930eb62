import { z } from 'zod'

export const outcome = z.enum(['approve', 'hold', 'deny'])
export type Outcome = z.infer<typeof outcome>

export const legalStatus = z.enum([
  'in-force',
  'stayed',
  'not-enforced',
  'proposed',
  'bill',
  'is-informed-letter',
  'guidance',
  'company-policy',
])
export type LegalStatus = z.infer<typeof legalStatus>

export const layer = z.enum(['L0', 'L1', 'L2', 'L3', 'L4', 'L5'])

/** Why a decision is what it is. Ordered: the first reason is the one that decided. */
export const reason = z.object({
  /** from a closed set, in kebab case: `no-controlled-item`, `listed-party`, `unknown-sku`, … */
  code: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .max(100),
  /** one sentence for people */
  sentence: z.string().min(1).max(1000),
  /** `<pack>/<rule>`, where a rule produced it */
  rule: z.string().max(200).optional(),
  citation: z.string().max(500).optional(),
  legalStatus: legalStatus.optional(),
  layer: layer.optional(),
  /** paths of the fact model that the rule reads and the request lacks */
  missing: z.array(z.string().max(200)).max(50).optional(),
})
export type Reason = z.infer<typeof reason>

/** One rule that spoke: its effect and whether the facts sufficed. */
export const finding = z.object({
  rule: z.string().max(200),
  pack: z.string().max(100),
  effect: z.enum(['deny', 'license-required', 'hold', 'obligation', 'flag']),
  truth: z.enum(['true', 'unknown']),
  layer,
  legalStatus,
  citation: z.string().max(500),
  sentence: z.string().max(1000),
  missing: z.array(z.string().max(200)).max(50).optional(),
})
export type Finding = z.infer<typeof finding>
