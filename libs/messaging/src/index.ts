export type { NewEvent, Received, ReceivedRaw } from './event.js'
export type { Consumer, ConsumerOptions, OutgoingMessage, PartitionBatch, StoredMessage, Transport } from './transport.js'
export type { UnitOfWork, UnitOfWorkRunner } from './unit-of-work.js'
