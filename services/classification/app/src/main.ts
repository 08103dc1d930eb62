import { runService } from '@weir/service-host'
import { classificationService } from './service.js'

await runService(classificationService)
