import type { IncomingMessage } from 'node:http'
import { Body, Controller, Headers, HttpCode, Inject, Injectable, Post, Query, Req } from '@nestjs/common'
import type { UnitOfWork, UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { actorOf, ProblemError, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import type { IdentityConfig } from '../config.js'
import { emitDeclared } from '../outbound/emit-declared.js'
import { applyImport, foreseeImport, type ForeseenImport, type HoldReason } from '../use-cases/import-customers.js'
import type { RowProblem } from '../use-cases/plan-declarations.js'
import type { Stores } from '../use-cases/ports.js'
import { rowsOfCsv, rowsOfJson, type ImportRow } from './read-import.js'
import { mediaTypeOf, readTextBody } from './read-text-body.js'
import { CONFIG, DATABASE, STORES, UNIT_OF_WORK } from './tokens.js'

interface RowReport {
  readonly row: number
  readonly customerId: string | undefined
  readonly action: 'create' | 'change' | 'unchanged' | 'refused'
  readonly problems: readonly RowProblem[]
  readonly held: readonly HoldReason[]
  /** stored requests of its tenants */
  readonly requests: readonly string[]
}

@Injectable()
@Controller('v1')
export class ImportsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(UNIT_OF_WORK) private readonly units: UnitOfWorkRunner,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: IdentityConfig,
  ) {}

  /** All rows or none. With `dryRun=true` it only tells what would happen. */
  @Post('customers\\:import')
  @HttpCode(200)
  async import(
    @Req() request: IncomingMessage,
    @Body() body: unknown,
    @Headers() headers: RequestHeaders,
    @Query('dryRun') dryRun: string | undefined,
  ) {
    const dry = dryRunOf(dryRun)
    const rows = await this.#rows(request, body)
    const declarations = rows.flatMap(({ read }) => (read.ok ? [read.declaration] : []))
    if (dry) {
      const foreseen = await this.database.inTransaction((tx) => foreseeImport(this.stores, tx, declarations))
      return reportOf(rows, { dryRun: true, foreseen })
    }
    const by = actorOf(headers).name
    const key = `import-customers ${by} ${requireIdempotencyKey(headers)}`
    return await this.units.run('import-customers', async (unit) => {
      const fingerprint = rows.map(({ read }) => read)
      const answer = await runIdempotent({ unit, key, fingerprint }, async () => {
        const foreseen = await foreseeImport(this.stores, unit.tx, declarations)
        const report = reportOf(rows, { dryRun: false, foreseen })
        if (report.summary.refused > 0) throw refusalOf(report.rows)
        return { status: 200, body: { ...report, reassessed: await this.#apply(unit, { foreseen, by, causeId: key }) } }
      })
      return answer.body
    })
  }

  async #apply(
    unit: UnitOfWork,
    work: { readonly foreseen: ForeseenImport; readonly by: string; readonly causeId: string },
  ): Promise<number> {
    const declared = await applyImport(this.stores, unit, { ...work.foreseen, by: work.by })
    emitDeclared(unit, { declared, cause: { id: work.causeId } })
    return declared.reassessed.length
  }

  async #rows(request: IncomingMessage, body: unknown): Promise<ImportRow[]> {
    const csv = mediaTypeOf(request) === 'text/csv'
    const rows = csv ? await rowsOfCsv(await readTextBody(request, this.config.WEIR_IDENTITY_CSV_LIMIT_MB)) : rowsOfJson(body)
    const most = this.config.WEIR_IDENTITY_IMPORT_ROWS_MAX
    if (rows.length <= most) return rows
    throw new ProblemError({
      status: 413,
      code: 'too-many-rows',
      title: 'The import has too many rows.',
      detail: `${rows.length} rows were sent, at most ${most} are taken at once.`,
    })
  }
}

function dryRunOf(value: string | undefined): boolean {
  if (value === 'true') return true
  if (value === undefined || value === 'false') return false
  // Taken for false, a misspelled wish to write nothing would write.
  throw new ProblemError({ status: 400, code: 'invalid-query', title: 'dryRun is true or false.' })
}

function reportOf(rows: readonly ImportRow[], result: { readonly dryRun: boolean; readonly foreseen: ForeseenImport }) {
  const foreseen = result.foreseen.rows.values()
  const reports = rows.map(({ row, customerId, read }): RowReport => {
    const seen = read.ok ? foreseen.next().value : undefined
    if (!read.ok) return { row, customerId, action: 'refused', problems: read.problems, held: [], requests: [] }
    if (seen === undefined) throw new Error('a row went without a plan')
    const { plan, held, requests } = seen
    return { row, customerId, action: plan.action, problems: plan.action === 'refused' ? plan.problems : [], held, requests }
  })
  const count = (action: RowReport['action']) => reports.filter((report) => report.action === action).length
  return {
    dryRun: result.dryRun,
    summary: {
      rows: reports.length,
      create: count('create'),
      change: count('change'),
      unchanged: count('unchanged'),
      refused: count('refused'),
      held: reports.filter((report) => report.held.length > 0).length,
    },
    rows: reports,
  }
}

const mostErrors = 100

const refusalOf = (rows: readonly RowReport[]): ProblemError =>
  new ProblemError({
    status: rows.some((row) => row.problems.some((problem) => problem.code === 'tenant-taken')) ? 409 : 422,
    code: 'import-refused',
    title: 'Nothing was imported, because some rows are refused.',
    errors: rows
      .flatMap((row) => row.problems.map(({ pointer, detail }) => ({ pointer: `/${row.row - 1}${pointer}`, detail })))
      .slice(0, mostErrors),
  })
