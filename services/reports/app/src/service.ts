import { CommandLogMigration, type ServiceDefinition } from '@weir/service-host'
import { reportsConfig } from './config.js'
import { reportsModule } from './reports.module.js'
import { Reports1764000000003 } from './store/migrations/0001-reports.js'
import { LogReach1764100000003 } from './store/migrations/0002-log-reach.js'
import { RoomForVersions1764300000003 } from './store/migrations/0003-room-for-versions.js'

export const reportsService: ServiceDefinition<typeof reportsConfig> = {
  name: 'reports',
  consumes: ['weir.decision.made.v1', 'weir.entry.recorded.v1'],
  produces: ['weir.report.released.v1'],
  reads: ['ledger'],
  onFailure: 'park',
  // Reports are made later: their copies of decisions may share few, large transactions.
  gatherMs: 50,
  config: reportsConfig,
  migrations: [CommandLogMigration, Reports1764000000003, LogReach1764100000003, RoomForVersions1764300000003],
  entities: [],
  module: reportsModule,
}
