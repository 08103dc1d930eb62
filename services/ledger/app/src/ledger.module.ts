import { Module, type DynamicModule } from '@nestjs/common'
import type { Job, ServiceDeps } from '@weir/service-host'
import type { LedgerConfig } from './config.js'
import { LedgerController, LOG } from './inbound/ledger.controller.js'
import { RECORD_ENTRIES, RecordEventsController } from './inbound/record-events.controller.js'
import { openSigner, sha256 } from './outbound/checkpoint-signer.js'
import { wakePublisher } from './outbound/wake-publisher.js'
import { LogReader, LogStore } from './store/log-store.js'
import { LogTiles } from './use-cases/log-tiles.js'
import { PublishFiles } from './use-cases/publish-files.js'
import { RecordEntries } from './use-cases/record-entries.js'

const PUBLISH_EVERY_MS = 1_000

@Module({})
class LedgerModule {}

/** One per installation of the service; the module and the job share it. */
const publishers = new WeakMap<ServiceDeps<LedgerConfig>['database'], PublishFiles>()

function publisherOf(deps: ServiceDeps<LedgerConfig>): PublishFiles | undefined {
  const dir = deps.config.WEIR_LEDGER_DIR
  if (dir === undefined) return undefined
  const existing = publishers.get(deps.database)
  if (existing !== undefined) return existing
  const publisher = new PublishFiles({ dir, tiles: new LogTiles(new LogReader(deps.database)), sha256 })
  publishers.set(deps.database, publisher)
  return publisher
}

/** The ledger's composition root. */
export function ledgerModule(deps: ServiceDeps<LedgerConfig>): DynamicModule {
  const { config, database, logger } = deps
  const signer = openSigner(config.WEIR_LEDGER_KEY_FILE, config.WEIR_LEDGER_ORIGIN)
  const reader = new LogReader(database)
  const publisher = publisherOf(deps)
  const entries = new RecordEntries({
    log: new LogStore(),
    signer,
    origin: config.WEIR_LEDGER_ORIGIN,
    grew: () => wakePublisher(publisher, logger),
  })
  return {
    module: LedgerModule,
    controllers: [LedgerController, RecordEventsController],
    providers: [
      { provide: LOG, useValue: { tiles: new LogTiles(reader), reader, vkey: signer.vkey } },
      { provide: RECORD_ENTRIES, useValue: entries },
    ],
  }
}

/** Files that a crash left behind are caught up with. */
export function ledgerJobs(deps: ServiceDeps<LedgerConfig>): readonly Job[] {
  const publisher = publisherOf(deps)
  return publisher === undefined ? [] : [{ name: 'publish-files', everyMs: PUBLISH_EVERY_MS, run: () => publisher.catchUp() }]
}
