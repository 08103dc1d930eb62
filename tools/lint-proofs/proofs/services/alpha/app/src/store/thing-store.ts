import type { ThingRow } from './thing.row.js'

export const thing: ThingRow = { id: 'thing' }
