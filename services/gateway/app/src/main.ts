import { runService } from '@weir/service-host'
import { gatewayService } from './service.js'

await runService(gatewayService)
