// proof: walls/catalog-imports-kernel-only
import { contracts } from '@weir/contracts'

export const shape = contracts
