import { runService } from '@weir/service-host'
import { adjudicationService } from './service.js'

await runService(adjudicationService)
