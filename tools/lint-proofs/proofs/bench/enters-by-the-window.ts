// proof: walls/one-door
import { inner } from '../services/alpha/core/src/inner.js'

export const seen = inner
