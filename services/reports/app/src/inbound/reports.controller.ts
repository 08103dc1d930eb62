import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common'
import type { UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { actorOf, parseBody, ProblemError, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import type { Response } from 'express'
import { z } from 'zod'
import type { ReportStore } from '../store/report-store.js'
import type { ReleaseReport, ReportRefusal } from '../use-cases/release-report.js'

export const REPORTS = Symbol('reports')
export interface ReportDesk {
  readonly unitOfWork: UnitOfWorkRunner
  readonly database: Database
  readonly store: ReportStore
  readonly release: ReleaseReport
}

const body = z
  .strictObject({ template: z.enum(['decisions']), from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { message: 'the end is not after the start', path: ['to'] })

@Controller('v1/reports')
export class ReportsController {
  constructor(@Inject(REPORTS) private readonly desk: ReportDesk) {}

  @Get()
  async list(): Promise<unknown> {
    return { items: await this.desk.store.list(this.desk.database) }
  }

  @Post()
  @HttpCode(201)
  async release(@Headers() headers: RequestHeaders, @Body() given: unknown): Promise<unknown> {
    const { from, to } = parseBody(body, given)
    const key = `${actorOf(headers).name}\nrelease-report\n${requireIdempotencyKey(headers)}`
    const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
    const answer = await this.desk.unitOfWork.run('release-report', (unit) =>
      runIdempotent({ unit, key, fingerprint: period }, async () => {
        const released = await this.desk.release.release(unit, { ...period, cause: { id: key } })
        if (!released.ok) throw problemOf(released.refusal)
        return { status: 201, body: released.value }
      }),
    )
    return answer.body
  }

  @Get(':reportId')
  async one(@Param('reportId') reportId: string): Promise<unknown> {
    return (await this.desk.store.one(this.desk.database, knownId(reportId))) ?? notFound()
  }

  @Get(':reportId/package')
  async package(@Param('reportId') reportId: string, @Res() response: Response): Promise<void> {
    const content = (await this.desk.store.package(this.desk.database, knownId(reportId))) ?? notFound()
    response.set('content-disposition', `attachment; filename="weir-report-${reportId}.zip"`).type('application/zip').send(content)
  }
}

const knownId = (reportId: string): string => (z.uuid().safeParse(reportId).success ? reportId : notFound())

function notFound(): never {
  throw new ProblemError({ status: 404, code: 'report-unknown', title: 'There is no report with this id.' })
}

function problemOf(refusal: ReportRefusal): ProblemError {
  switch (refusal.code) {
    case 'not-recorded-yet':
      return new ProblemError({
        status: 409,
        code: refusal.code,
        title: 'Some decisions of the period are not recorded yet.',
        detail: `${refusal.missing} of them wait for the ledger. Repeat the command in a moment.`,
        headers: { 'retry-after': '1' },
      })
    case 'too-many':
      return new ProblemError({
        status: 422,
        code: refusal.code,
        title: 'The period holds too many decisions for one report.',
        detail: `At most ${refusal.limit}. Choose a shorter period.`,
        errors: [{ pointer: '/to', detail: 'closer to /from' }],
      })
  }
}
