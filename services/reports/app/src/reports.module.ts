import { randomUUID } from 'node:crypto'
import { Module, type DynamicModule } from '@nestjs/common'
import { ConfigFault, type ServiceDeps } from '@weir/service-host'
import type { ReportsConfig } from './config.js'
import { DecisionEventsController, DECISIONS } from './inbound/decision-events.controller.js'
import { REPORTS, ReportsController } from './inbound/reports.controller.js'
import { ledgerHead } from './outbound/ledger-checkpoint.js'
import { packageDocuments } from './outbound/package-documents.js'
import { DecisionStore } from './store/decision-store.js'
import { ReportStore } from './store/report-store.js'
import { ReleaseReport } from './use-cases/release-report.js'

@Module({})
class ReportsModule {}

/** The reports service's composition root. */
export function reportsModule(deps: ServiceDeps<ReportsConfig>): DynamicModule {
  const { config, unitOfWork, database, internal } = deps
  const url = internal?.urls['ledger']
  if (internal === undefined || url === undefined)
    throw new ConfigFault('WEIR_LEDGER_URL is not set; reports ask the ledger how far its log is.')
  const log = { url, token: internal.token, vkey: config.WEIR_REPORTS_LEDGER_VKEY }
  const decisions = new DecisionStore()
  const store = new ReportStore()
  const release = new ReleaseReport({
    decisions,
    reports: store,
    documents: () => packageDocuments(config.WEIR_REPORTS_VERIFIER_FILE),
    vkey: config.WEIR_REPORTS_LEDGER_VKEY,
    maxDecisions: config.WEIR_REPORTS_MAX_DECISIONS,
    newId: randomUUID,
  })
  return {
    module: ReportsModule,
    controllers: [DecisionEventsController, ReportsController],
    providers: [
      { provide: DECISIONS, useValue: decisions },
      {
        provide: REPORTS,
        useValue: { unitOfWork, database, store, release, head: () => ledgerHead(log), waitMs: config.WEIR_REPORTS_WAIT_MS },
      },
    ],
  }
}
