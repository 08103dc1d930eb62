import { CommandLogMigration, type ServiceDefinition } from '@weir/service-host'
import { adjudicationJobs, adjudicationModule, prepareAdjudication } from './adjudication.module.js'
import { adjudicationConfig } from './config.js'
import { AdjudicationMigration } from './store/migrations/adjudication-migration.js'
import { EventSaltMigration } from './store/migrations/event-salt-migration.js'
import { LicenseRecheckMigration } from './store/migrations/license-recheck-migration.js'
import { RoomForVersionsMigration } from './store/migrations/room-for-versions-migration.js'

export const adjudicationService: ServiceDefinition<typeof adjudicationConfig> = {
  name: 'adjudication',
  consumes: [
    'weir.provisioning.requested.v1',
    'weir.provisioning.started.v1',
    'weir.provisioning.failed.v1',
    'weir.provisioning.released.v1',
    'weir.identity.assessed.v1',
    'weir.identity.reassessed.v1',
    'weir.workload.classified.v1',
    'weir.workload.reclassified.v1',
  ],
  produces: [
    'weir.decision.made.v1',
    'weir.case.opened.v1',
    'weir.case.acted.v1',
    'weir.case.resolved.v1',
    'weir.license.registered.v1',
    'weir.license.reserved.v1',
    'weir.license.consumed.v1',
    'weir.license.released.v1',
    'weir.policy.activated.v1',
  ],
  onFailure: 'park',
  config: adjudicationConfig,
  migrations: [CommandLogMigration, AdjudicationMigration, LicenseRecheckMigration, EventSaltMigration, RoomForVersionsMigration],
  entities: [],
  module: adjudicationModule,
  jobs: adjudicationJobs,
  prepare: prepareAdjudication,
}
