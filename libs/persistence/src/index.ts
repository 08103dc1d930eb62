export type { Database, Transaction } from './transaction.js'
