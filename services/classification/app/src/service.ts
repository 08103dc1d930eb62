import { CommandLogMigration, type ServiceDefinition } from '@weir/service-host'
import { classificationModule } from './classification.module.js'
import { classificationConfig } from './config.js'
import { ClassificationMigration } from './store/migrations/classification-migration.js'

export const classificationService: ServiceDefinition<typeof classificationConfig> = {
  name: 'classification',
  consumes: ['weir.provisioning.requested.v1'],
  produces: ['weir.workload.classified.v1', 'weir.workload.reclassified.v1'],
  onFailure: 'park',
  config: classificationConfig,
  migrations: [CommandLogMigration, ClassificationMigration],
  entities: [],
  module: classificationModule,
}
