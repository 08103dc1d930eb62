import { CommandLogMigration, type ServiceDefinition } from '@weir/service-host'
import { gatewayConfig } from './config.js'
import { gatewayModule } from './gateway.module.js'
import { Gateway1764000000001 } from './store/migrations/0001-gateway.js'
import { RoomForVersions1764300000000 } from './store/migrations/0002-room-for-versions.js'

export const gatewayService: ServiceDefinition<typeof gatewayConfig> = {
  name: 'gateway',
  consumes: ['weir.intake', 'weir.customer.registered.v1', 'weir.customer.changed.v1', 'weir.decision.made.v1', 'weir.entry.recorded.v1'],
  produces: [
    'weir.provisioning.requested.v1',
    'weir.provisioning.started.v1',
    'weir.provisioning.failed.v1',
    'weir.provisioning.released.v1',
    'weir.decision.answered.v1',
  ],
  onFailure: 'park',
  config: gatewayConfig,
  rawBody: true,
  migrations: [CommandLogMigration, Gateway1764000000001, RoomForVersions1764300000000],
  entities: [],
  module: gatewayModule,
}
