import type { DynamicModule } from '@nestjs/common'
import type { ServiceDeps } from '@weir/service-host'
import type { IdentityConfig } from './config.js'
import { CustomersController } from './inbound/customers.controller.js'
import { ImportsController } from './inbound/imports.controller.js'
import { ListsController } from './inbound/lists.controller.js'
import { ProvisioningController } from './inbound/provisioning.controller.js'
import { TenantsController } from './inbound/tenants.controller.js'
import { CONFIG, DATABASE, STORES, UNIT_OF_WORK, VIEWS } from './inbound/tokens.js'
import { IdentityViews } from './store/identity-views.js'
import { PostgresAskStore } from './store/postgres-ask-store.js'
import { PostgresCustomerStore } from './store/postgres-customer-store.js'
import { PostgresListStore } from './store/postgres-list-store.js'
import type { Stores } from './use-cases/ports.js'

class IdentityModule {}

export const identityStores = (): Stores => ({
  lists: new PostgresListStore(),
  customers: new PostgresCustomerStore(),
  asks: new PostgresAskStore(),
})

export const identityModule = (deps: ServiceDeps<IdentityConfig>): DynamicModule => ({
  module: IdentityModule,
  // Imports first: `customers:import` is no customer.
  controllers: [ImportsController, CustomersController, TenantsController, ListsController, ProvisioningController],
  providers: [
    { provide: STORES, useFactory: identityStores },
    { provide: VIEWS, useFactory: () => new IdentityViews(deps.database) },
    { provide: UNIT_OF_WORK, useValue: deps.unitOfWork },
    { provide: DATABASE, useValue: deps.database },
    { provide: CONFIG, useValue: deps.config },
  ],
})
