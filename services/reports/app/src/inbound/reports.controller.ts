import { setTimeout as delay } from 'node:timers/promises'
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common'
import type { UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { actorOf, parseBody, ProblemError, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import type { Response } from 'express'
import { z } from 'zod'
import type { ReportStore } from '../store/report-store.js'
import type { LogHead, ReleaseReport, ReportRefusal } from '../use-cases/release-report.js'

export const REPORTS = Symbol('reports')
export interface ReportDesk {
  readonly unitOfWork: UnitOfWorkRunner
  readonly database: Database
  readonly store: ReportStore
  readonly release: ReleaseReport
  /** of the log, now; undefined: the ledger does not answer */
  head(): Promise<LogHead | undefined>
  /** how long a command waits for what has not arrived here yet */
  readonly waitMs: number
}

const RETRY_MS = 100

const body = z
  .strictObject({ template: z.enum(['decisions']), from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })
  // What is no instant has its own complaint.
  .refine(({ from, to }) => !(Date.parse(from) >= Date.parse(to)), { message: 'the end is not after the start', path: ['to'] })

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
    const head = await this.desk.head()
    let askedAt: Date | undefined
    const answer = await this.patiently(() =>
      this.desk.unitOfWork.run('release-report', (unit) =>
        runIdempotent({ unit, key, fingerprint: period }, async () => {
          const released = await this.desk.release.release(unit, { ...period, cause: { id: key }, head, askedAt: (askedAt ??= unit.now) })
          if (!released.ok) throw problemOf(released.refusal)
          return { status: 201, body: released.value }
        }),
      ),
    )
    return answer.body
  }

  /** Waits between transactions and never in one: what is waited for arrives by transactions of the same service. */
  private async patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const end = performance.now() + this.desk.waitMs
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        const late = performance.now() + RETRY_MS > end
        if (late || !(error instanceof ProblemError) || error.code !== ARRIVING) throw error
      }
      await delay(RETRY_MS)
    }
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

const ARRIVING = 'not-recorded-yet' satisfies ReportRefusal['code']

function problemOf(refusal: ReportRefusal): ProblemError {
  switch (refusal.code) {
    case 'ledger-unreachable':
      return new ProblemError({
        status: 503,
        code: refusal.code,
        title: 'The ledger does not say how far its log is.',
        detail: 'A report made now could miss decisions. Repeat the command with the same idempotency key.',
        headers: { 'retry-after': '2' },
      })
    case 'not-recorded-yet':
      return new ProblemError({
        status: 503,
        code: refusal.code,
        title: 'Some decisions have not arrived here yet.',
        detail: `${refusal.entries} entries of the log are behind a gap, ${refusal.decisions} decisions of the period wait for the log. Repeat the command with the same idempotency key.`,
        headers: { 'retry-after': '2' },
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
