// proof: walls/library-imports-no-service
import { beta } from '@weir/beta'

export const above = beta
