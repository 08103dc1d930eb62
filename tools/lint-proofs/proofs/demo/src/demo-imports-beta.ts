// proof: walls/demo-imports-no-service
import { beta } from '@weir/beta'

export const told = beta
