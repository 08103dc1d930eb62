// proof: walls/no-circular
import { two } from './cycle-two.js'

export const one = (): number => two() + 1
