import { Module, type DynamicModule } from '@nestjs/common'
import type { Job, ServiceDeps } from '@weir/service-host'
import type { LedgerConfig } from './config.js'
import { LedgerController, LOG } from './inbound/ledger.controller.js'
import { RECORD_ENTRIES, RecordEventsController } from './inbound/record-events.controller.js'
import { openSigner, sha256 } from './outbound/checkpoint-signer.js'
import { LogReader, LogStore } from './store/log-store.js'
import { LogTiles } from './use-cases/log-tiles.js'
import { PublishFiles } from './use-cases/publish-files.js'
import { RecordEntries } from './use-cases/record-entries.js'

/** The files follow the log at this distance: they are synced to disk, and commits of decisions must not wait behind that. */
const PUBLISH_EVERY_MS = 250

@Module({})
class LedgerModule {}

/** The ledger's composition root. */
export function ledgerModule(deps: ServiceDeps<LedgerConfig>): DynamicModule {
  const { config, database } = deps
  const signer = openSigner(config.WEIR_LEDGER_KEY_FILE, config.WEIR_LEDGER_ORIGIN)
  const reader = new LogReader(database)
  const entries = new RecordEntries({
    log: new LogStore(),
    signer,
    origin: config.WEIR_LEDGER_ORIGIN,
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

/** The log as files follows the database, also after a crash. */
export function ledgerJobs(deps: ServiceDeps<LedgerConfig>): readonly Job[] {
  const dir = deps.config.WEIR_LEDGER_DIR
  if (dir === undefined) return []
  const publisher = new PublishFiles({ dir, tiles: new LogTiles(new LogReader(deps.database)), sha256 })
  return [{ name: 'publish-files', everyMs: PUBLISH_EVERY_MS, run: () => publisher.catchUp() }]
}
