import { runService } from '@weir/service-host'
import { reportsService } from './service.js'

await runService(reportsService)
