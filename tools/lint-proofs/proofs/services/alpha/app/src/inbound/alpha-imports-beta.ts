// proof: walls/service-imports-only-itself
import { beta } from '@weir/beta'

export const neighbor = beta
