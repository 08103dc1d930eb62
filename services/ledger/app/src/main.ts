import { runService } from '@weir/service-host'
import { ledgerService } from './service.js'

await runService(ledgerService)
