export { ensureLedgerKey } from './outbound/checkpoint-signer.js'
export { ledgerService } from './service.js'
