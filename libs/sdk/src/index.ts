export type { ConnectionOptions } from './connection.js'
export { createClient, type Asked, type Keyed, type ReportPeriod, type WeirClient } from './create-client.js'
export { WeirError } from './weir-error.js'
