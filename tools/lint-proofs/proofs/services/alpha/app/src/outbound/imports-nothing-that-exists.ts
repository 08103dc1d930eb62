// proof: walls/no-unresolvable, types/TS2307
import type { Nothing } from './nowhere.js'

export type Something = Nothing
