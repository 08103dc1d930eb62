export { appendBatch, type Appended } from './append-batch.js'
export { EntryFault, entryOf, identityOf, MAX_ENTRY_BYTES, type EntryIdentity, type Recordable } from './entry-of.js'
export { tilesBetween, type TileSpan } from './tiles-of.js'
