// proof: walls/contracts-import-zod-only
import { kernel } from '@weir/kernel'

export const shape = kernel
