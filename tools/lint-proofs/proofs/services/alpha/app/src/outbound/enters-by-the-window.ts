// proof: walls/one-door
import { inner } from '../../../core/src/inner.js'

export const seen = inner
