// proof: walls/use-cases-know-no-framework
import { thing } from '../store/thing-store.js'

export const loaded = thing
