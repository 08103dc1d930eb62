// proof: walls/core-is-pure
import { contracts } from '@weir/contracts'

export const shape = contracts
