import { createHash } from 'node:crypto'
import type { UnitOfWork } from '@weir/messaging'
import { ok, refused, type Result } from '@weir/kernel'
import type { Transaction } from '@weir/persistence'
import { buildPackage, writeZip, type PackageFiles, type ProvenDecision } from '@weir/reports-core'

export interface Period {
  readonly from: string
  readonly to: string
}

/** How far the log is, by its own signed word. */
export interface LogHead {
  readonly size: number
  /** signed note; empty where the log is */
  readonly checkpoint: string
}

export interface ReportCommand extends Period {
  readonly cause: { readonly id: string }
  /** read after the command came in; undefined: the ledger does not answer */
  readonly head: LogHead | undefined
  /** when the command came in: what was decided before has to be in the report */
  readonly askedAt: Date
}

/** What this service was told of decisions and of the log. */
export interface RecordedDecisions {
  /** How many entries of the log, from the first without a gap, have arrived here, the decisions with what they disclose. */
  reach(tx: Transaction): Promise<number>
  /** Decisions of the period that the first `logSize` entries do not hold. */
  unrecorded(tx: Transaction, asked: Period & { readonly logSize: number }): Promise<number>
  /** Decisions of the period that they do hold, in the order of the log. */
  recorded(tx: Transaction, asked: Period & { readonly logSize: number; readonly limit: number }): Promise<readonly ProvenDecision[]>
}

export interface ReleasedReport {
  readonly reportId: string
  readonly template: 'decisions'
  readonly from: string
  readonly to: string
  readonly decisions: number
  readonly digest: string
  readonly releasedAt: string
}

export interface ReportShelf {
  save(tx: Transaction, report: ReleasedReport, content: Uint8Array): Promise<void>
}

export type ReportRefusal =
  | { readonly code: 'ledger-unreachable' }
  | { readonly code: 'not-recorded-yet'; readonly entries: number; readonly decisions: number }
  | { readonly code: 'too-many'; readonly limit: number }

export interface ReportDeps {
  readonly decisions: RecordedDecisions
  readonly reports: ReportShelf
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
    const { from, to, head } = command
    if (head === undefined) return refused({ code: 'ledger-unreachable' })
    const logSize = await this.deps.decisions.reach(unit.tx)
    const asked = command.askedAt.toISOString()
    const decisions = await this.deps.decisions.unrecorded(unit.tx, { from, to: to < asked ? to : asked, logSize })
    if (logSize < head.size || decisions > 0)
      return refused({ code: 'not-recorded-yet', entries: Math.max(0, head.size - logSize), decisions })
    return await this.make(unit, { command, logSize, checkpoint: head.checkpoint })
  }

  private async make(
    unit: UnitOfWork,
    { command, logSize, checkpoint }: { readonly command: ReportCommand; readonly logSize: number; readonly checkpoint: string },
  ): Promise<Result<ReleasedReport, ReportRefusal>> {
    const { vkey, maxDecisions } = this.deps
    const { from, to, cause } = command
    const decisions = await this.deps.decisions.recorded(unit.tx, { from, to, logSize, limit: maxDecisions + 1 })
    if (decisions.length > maxDecisions) return refused({ code: 'too-many', limit: maxDecisions })
    const reportId = this.deps.newId()
    const head = { reportId, template: 'decisions', from, to, origin: vkey.split('+')[0] ?? '', logSize } as const
    const content = writeZip(buildPackage({ head, decisions, vkey, checkpoint, documents: this.deps.documents(), sha256 }))
    const report: ReleasedReport = {
      reportId,
      template: 'decisions',
      from,
      to,
      decisions: decisions.length,
      digest: Buffer.from(sha256(content)).toString('hex'),
      releasedAt: unit.now.toISOString(),
    }
    await this.deps.reports.save(unit.tx, report, content)
    unit.emit<'weir.report.released.v1'>({
      type: 'weir.report.released.v1',
      subject: reportId,
      key: `report:${reportId}`,
      cause,
      data: report,
    })
    return ok(report)
  }
}
