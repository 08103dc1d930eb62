import type { Database, Transaction } from '@weir/persistence'
import type { ReleasedReport, ReportShelf } from '../use-cases/release-report.js'

interface Row {
  readonly report_id: string
  readonly template: 'decisions'
  readonly period_from: Date
  readonly period_to: Date
  readonly decisions: number
  readonly digest: string
  readonly released_at: Date
}

const columns = 'report_id, template, period_from, period_to, decisions, digest, released_at'
const viewOf = (row: Row): ReleasedReport => ({
  reportId: row.report_id,
  template: row.template,
  from: row.period_from.toISOString(),
  to: row.period_to.toISOString(),
  decisions: row.decisions,
  digest: row.digest,
  releasedAt: row.released_at.toISOString(),
})

export class ReportStore implements ReportShelf {
  async save(tx: Transaction, report: ReleasedReport, content: Uint8Array): Promise<void> {
    await tx.query(`insert into report (${columns}, package) values ($1, $2, $3, $4, $5, $6, $7, $8)`, [
      report.reportId,
      report.template,
      report.from,
      report.to,
      report.decisions,
      report.digest,
      report.releasedAt,
      Buffer.from(content),
    ])
  }

  async list(database: Pick<Database, 'query'>): Promise<ReleasedReport[]> {
    return (await database.query<Row>(`select ${columns} from report order by released_at desc limit 500`)).map(viewOf)
  }

  async one(database: Pick<Database, 'query'>, reportId: string): Promise<ReleasedReport | undefined> {
    const [row] = await database.query<Row>(`select ${columns} from report where report_id = $1`, [reportId])
    return row && viewOf(row)
  }

  async package(database: Pick<Database, 'query'>, reportId: string): Promise<Buffer | undefined> {
    const [row] = await database.query<{ package: Buffer }>('select package from report where report_id = $1', [reportId])
    return row?.package
  }
}
