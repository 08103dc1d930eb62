// proof: walls/use-cases-know-no-framework
import { neighbor } from '../inbound/alpha-imports-beta.js'

export const edge = neighbor
