import { pathToFileURL } from 'node:url'
import type { DynamicModule } from '@nestjs/common'
import type { ServiceDeps } from '@weir/service-host'
import { POLICY_DIR, type ClassificationConfig } from './config.js'
import { ProvisioningController } from './inbound/provisioning.controller.js'
import { SKUS_DEPS, SkusController, type SkusDeps } from './inbound/skus.controller.js'
import { readPolicyTables } from './store/read-policy-tables.js'
import { SqlAskStore } from './store/sql-ask-store.js'
import { SqlSiteMappingStore } from './store/sql-site-mapping-store.js'
import { ClassifyAsks } from './use-cases/classify-asks.js'
import { CurrentTables } from './use-cases/current-tables.js'
import { MapSkus } from './use-cases/map-sku.js'

class ClassificationModule {}

/** Everything that classification is made of. */
export function classificationModule(deps: ServiceDeps<ClassificationConfig>): DynamicModule {
  const { config, database, unitOfWork } = deps
  const custom = config.WEIR_CLASSIFICATION_POLICY_DIR
  const policy = readPolicyTables(custom === undefined ? POLICY_DIR : pathToFileURL(custom.endsWith('/') ? custom : `${custom}/`))
  const mappings = new SqlSiteMappingStore()
  const asks = new SqlAskStore()
  const current = new CurrentTables(policy, mappings)
  const mapSkus = new MapSkus({ policy, mappings, asks })
  const skus: SkusDeps = { database, unitOfWork, current, mapSkus, asks, writeScope: config.WEIR_CLASSIFICATION_WRITE_SCOPE }
  return {
    module: ClassificationModule,
    controllers: [ProvisioningController, SkusController],
    providers: [
      { provide: ClassifyAsks, useValue: new ClassifyAsks({ current, bare: policy.tables.catalog, asks }) },
      { provide: SKUS_DEPS, useValue: skus },
    ],
  }
}
