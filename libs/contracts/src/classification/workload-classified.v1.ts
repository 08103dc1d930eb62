import { z } from 'zod'

const digest = z.string().regex(/^[0-9a-f]{64}$/)

export const paragraph = z.enum(['3A090.a', '3A090.b', 'none', 'unknown'])

const limitMargin = z.object({
  /** e.g. `TPP 4800`, `PD 5.92`, `I/O 600` */
  limit: z.string().max(40),
  value: z.number(),
  threshold: z.number(),
  /** (value - threshold) / threshold; below zero is under the limit */
  margin: z.number(),
})

export const classifiedAccelerator = z.object({
  model: z.string().max(120),
  /** pieces over the ask */
  count: z.number().positive(),
  /** total processing performance of one piece; absent: unknown */
  tpp: z.number().min(0).optional(),
  /** absent: unknown, or no die on a non-planar process */
  performanceDensity: z.number().min(0).optional(),
  paragraph,
  /** which test met or missed which limit, one sentence */
  basis: z.string().max(500),
  margins: z.array(limitMargin).max(16),
  /** a limit of the tests lies within 15 % of the value */
  nearThreshold: z.boolean(),
})

/**
 * When: classification answered what one ask asks for (or, reclassified, when that answer changed).
 * A consumer may conclude: for this ask, this is what the machines are and how likely they train a model. Nothing here
 * knows who the customer is.
 */
export const workloadClassified = z.object({
  requestId: z.uuid(),
  ask: z.int().min(1),
  classifiedAt: z.iso.datetime(),
  /** over the whole ask: one unknown part makes it unknown */
  resolution: z.enum(['accelerators', 'none', 'unknown']),
  unknownSkus: z.array(z.string().max(200)).max(256),
  accelerators: z.array(classifiedAccelerator).max(64),
  /** strongest paragraph of any part, under the rule of the request's date */
  paragraph,
  rule: z.enum(['october-2022', 'october-2023', 'before-october-2022']),
  nearThreshold: z.boolean(),
  totals: z.object({ accelerators: z.number().min(0), tpp: z.number().min(0).optional() }),
  training: z.object({
    level: z.enum(['none', 'low', 'elevated', 'high', 'unknown']),
    /** 0 to 1; absent where the level is unknown */
    likelihood: z.number().min(0).max(1).optional(),
    declared: z.string().max(60).optional(),
    /** what the machines look like speaks against what was declared */
    contradictsDeclared: z.boolean(),
    reasons: z.array(z.object({ code: z.string().max(100), sentence: z.string().max(500) })).max(32),
  }),
  region: z.object({
    raw: z.string().max(100).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
    operator: z.string().max(300).optional(),
    relation: z.enum(['own', 'partner']).optional(),
    /** about the operator */
    stateAffiliated: z.enum(['yes', 'no', 'unknown']),
  }),
  pins: z.object({ catalog: digest }),
})
export type WorkloadClassified = z.infer<typeof workloadClassified>
