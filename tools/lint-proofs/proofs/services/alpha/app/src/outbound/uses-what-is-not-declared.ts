// proof: packages/undeclared
import { pino } from 'pino'

export const log = pino
