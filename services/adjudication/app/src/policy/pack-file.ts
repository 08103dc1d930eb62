import { legalStatus, layer } from '@weir/contracts'
import { z } from 'zod'

const id = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(80)
const day = z.iso.date()
/** A rule whose days run backwards would never speak, and nobody would miss it. */
const validity = z
  .strictObject({ from: day.optional(), to: day.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, { message: 'ends before it begins' })

const ruleFile = z.strictObject({
  id,
  layer,
  citation: z.string().min(1).max(500),
  /** CEL over the fact model */
  when: z.string().min(1).max(2000),
  effect: z.enum(['deny', 'license-required', 'hold', 'obligation', 'flag']),
  /** one sentence for people */
  sentence: z.string().min(1).max(900),
  /** absent: that of the pack */
  legalStatus: legalStatus.optional(),
  /** days on which the rule applies; absent: always */
  valid: z.array(validity).min(1).max(16).optional(),
})

export const packFile = z.strictObject({
  id,
  title: z.string().min(1).max(300),
  legalStatus,
  mode: z.enum(['enforced', 'shadow']),
  /** the day on which this content became known */
  knownFrom: day,
  valid: validity.optional(),
  rules: z
    .array(ruleFile)
    .min(1)
    .max(100)
    .refine((rules) => new Set(rules.map((rule) => rule.id)).size === rules.length, { message: 'a rule id is there twice' }),
})
export type PackFile = z.infer<typeof packFile>
