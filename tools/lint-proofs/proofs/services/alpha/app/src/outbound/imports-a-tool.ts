// proof: walls/product-imports-no-tool
import { weigh } from '../../../../../bench/weigh.js'

export const weighed = weigh
