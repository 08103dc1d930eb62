import { z } from 'zod'

const day = z.iso.date().nullable()
const points = z.number().min(0).max(100)
const bands = z.array(z.object({ from: z.number().min(0), points }))

/** `item-controls.json` */
export const itemControls = z.object({
  nearFraction: z.number().min(0).max(1),
  rules: z
    .array(
      z.object({
        id: z.enum(['before-october-2022', 'october-2022', 'october-2023']),
        validFrom: day,
        validTo: day,
        citation: z.string().max(200),
        marketingExemptionBelowTpp: z.number().positive().nullable(),
        tests: z.array(
          z.object({
            id: z.string().max(60),
            paragraph: z.enum(['3A090.a', '3A090.b']),
            conditions: z
              .array(z.object({ measure: z.enum(['TPP', 'PD', 'I/O']), operator: z.enum(['>=', '<']), limit: z.number().positive() }))
              .min(1),
          }),
        ),
      }),
    )
    .min(1),
})

/** `training-likelihood.json`; points are never negative, so that no cue argues a customer out of a finding */
export const trainingModel = z.object({
  id: z.string(),
  levels: z.object({ elevated: points, high: points }),
  cues: z.object({
    accelerators: z.object({ bands }),
    nodes: z.object({ bands }),
    strongPart: z.object({ fromTpp: z.number().positive(), points }),
    interconnect: z.object({
      points: z.object({ infiniband: points, roce: points, efa: points, 'nvlink-switch': points, ethernet: points }),
      absent: points,
      fromNodes: z.int().min(1),
    }),
    gbpsPerNode: z.object({ bands }),
    placement: z.object({ points: z.object({ cluster: points, spread: points, none: points }) }),
    durationHours: z.object({ bands, absent: points }),
    hints: z.array(z.object({ code: z.string(), words: z.array(z.string().min(1).toLowerCase()).min(1), points, training: z.boolean() })),
    declared: z.record(z.string(), points),
  }),
  contradiction: z.record(z.string(), z.number().min(0)),
})
