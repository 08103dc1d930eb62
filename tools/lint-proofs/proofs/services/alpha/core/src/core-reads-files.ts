// proof: walls/core-is-pure, core-wall/TS2591
import { readFileSync } from 'node:fs'

export const read = readFileSync
