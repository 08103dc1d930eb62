import { createHash } from 'node:crypto'
import type { UnitOfWork } from '@weir/messaging'
import { ok, refused, type Result } from '@weir/kernel'
import { buildPackage, writeZip, type PackageFiles } from '@weir/reports-core'
import type { DecisionStore } from '../store/decision-store.js'
import type { ReleasedReport, ReportStore } from '../store/report-store.js'

export interface ReportCommand {
  readonly from: string
  readonly to: string
  readonly cause: { readonly id: string }
}

export type ReportRefusal =
  { readonly code: 'not-recorded-yet'; readonly missing: number } | { readonly code: 'too-many'; readonly limit: number }

interface ReportDeps {
  readonly decisions: DecisionStore
  readonly reports: ReportStore
  readonly documents: () => PackageFiles
  readonly vkey: string
  readonly maxDecisions: number
  readonly newId: () => string
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

/** Makes a package of everything recorded in a period, keeps it, and tells the ledger its digest. */
export class ReleaseReport {
  constructor(private readonly deps: ReportDeps) {}

  async release(unit: UnitOfWork, command: ReportCommand): Promise<Result<ReleasedReport, ReportRefusal>> {
    const { decisions, reports, vkey, maxDecisions } = this.deps
    const missing = await decisions.unrecorded(unit.tx, command)
    if (missing > 0) return refused({ code: 'not-recorded-yet', missing })
    const recorded = await decisions.recorded(unit.tx, { ...command, limit: maxDecisions + 1 })
    if (recorded.length > maxDecisions) return refused({ code: 'too-many', limit: maxDecisions })
    const reportId = this.deps.newId()
    const head = { reportId, template: 'decisions', from: command.from, to: command.to, origin: vkey.split('+')[0] ?? '' } as const
    const content = writeZip(buildPackage({ head, decisions: recorded, vkey, documents: this.deps.documents(), sha256 }))
    const report: ReleasedReport = {
      reportId,
      template: 'decisions',
      from: command.from,
      to: command.to,
      decisions: recorded.length,
      digest: Buffer.from(sha256(content)).toString('hex'),
      releasedAt: unit.now.toISOString(),
    }
    await reports.save(unit.tx, report, content)
    unit.emit<'weir.report.released.v1'>({
      type: 'weir.report.released.v1',
      subject: reportId,
      key: `report:${reportId}`,
      cause: command.cause,
      data: report,
    })
    return ok(report)
  }
}
