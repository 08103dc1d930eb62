import type { ServiceDefinition } from '@weir/service-host'
import { ledgerConfig } from './config.js'
import { ledgerJobs, ledgerModule } from './ledger.module.js'
import { Ledger1764000000002 } from './store/migrations/0001-ledger.js'

export const ledgerService: ServiceDefinition<typeof ledgerConfig> = {
  name: 'ledger',
  consumes: [
    'weir.decision.made.v1',
    'weir.policy.activated.v1',
    'weir.case.resolved.v1',
    'weir.license.registered.v1',
    'weir.report.released.v1',
  ],
  produces: ['weir.entry.recorded.v1'],
  onFailure: 'stop',
  config: ledgerConfig,
  migrations: [Ledger1764000000002],
  entities: [],
  module: ledgerModule,
  jobs: ledgerJobs,
}
