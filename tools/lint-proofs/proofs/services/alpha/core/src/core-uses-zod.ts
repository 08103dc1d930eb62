// proof: walls/core-is-pure
import type { z } from 'zod'

export type Shape = z.ZodType
