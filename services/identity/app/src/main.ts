import { runService } from '@weir/service-host'
import { identityService } from './service.js'

await runService(identityService)
