import { CommandLogMigration, type ServiceDefinition } from '@weir/service-host'
import { identityConfig } from './config.js'
import { identityModule, identityStores } from './identity.module.js'
import { loadConfiguredList } from './inbound/load-configured-list.js'
import { IdentityTablesMigration } from './store/migrations/identity-tables.migration.js'

export const identityService: ServiceDefinition<typeof identityConfig> = {
  name: 'identity',
  consumes: ['weir.provisioning.requested.v1'],
  produces: [
    'weir.customer.registered.v1',
    'weir.customer.changed.v1',
    'weir.list.activated.v1',
    'weir.identity.assessed.v1',
    'weir.identity.reassessed.v1',
  ],
  onFailure: 'park',
  config: identityConfig,
  migrations: [CommandLogMigration, IdentityTablesMigration],
  entities: [],
  module: identityModule,
  prepare: (deps) => loadConfiguredList(identityStores(), deps),
}
