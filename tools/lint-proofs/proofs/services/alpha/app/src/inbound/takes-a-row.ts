// proof: walls/rows-stay-in-store
import type { ThingRow } from '../store/thing.row.js'

export type Thing = ThingRow
