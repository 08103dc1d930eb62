// The same cycle: it is reported once, at the file that comes first.
import { one } from './cycle-one.js'

export const two = (): number => one() + 1
