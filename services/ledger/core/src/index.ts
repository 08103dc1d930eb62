export { appendBatch, type Appended } from './append-batch.js'
export { entryOf, identityOf, type EntryIdentity, type Recordable } from './entry-of.js'
export { tilesBetween, type TileSpan } from './tiles-of.js'
