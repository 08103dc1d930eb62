// proof: walls/kernel-imports-nothing
import type { z } from 'zod'

export type Shape = z.ZodType
