import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { UnitOfWork } from '@weir/messaging'
import { actorOf, parseBody, ProblemError, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import { z } from 'zod'
import type { Adjudication } from '../adjudication.js'
import { emitChanges } from '../outbound/emit-changes.js'
import { ADJUDICATION } from '../tokens.js'
import type { Acted, CaseRefusal } from '../use-cases/case-desk.js'

const listQuery = z.object({
  state: z.enum(['open', 'resolved']).default('open'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
const proposalBody = z.strictObject({ outcome: z.enum(['approve', 'deny']), note: z.string().trim().min(1).max(2000) })
const decisionBody = z.strictObject({ accept: z.boolean(), note: z.string().trim().max(2000).default('') })

interface Command<Body> {
  readonly name: 'propose-case' | 'decide-case'
  readonly caseId: string
  readonly headers: RequestHeaders
  readonly body: Body
}

/** Officers' desk: what is held, and how it ends. */
@Controller('v1/cases')
export class CasesController {
  readonly #parts: Adjudication

  constructor(@Inject(ADJUDICATION) parts: Adjudication) {
    this.#parts = parts
  }

  @Get()
  async list(@Query() query: unknown): Promise<unknown> {
    return { items: await this.#parts.caseQueries.list(this.#parts.database, parseBody(listQuery, query)) }
  }

  @Get(':caseId')
  async one(@Param('caseId') caseId: string): Promise<unknown> {
    return (await this.#parts.caseQueries.one(this.#parts.database, knownId(caseId))) ?? notFound()
  }

  @Post(':caseId\\:propose')
  @HttpCode(200)
  async propose(@Param('caseId') caseId: string, @Headers() headers: RequestHeaders, @Body() body: unknown): Promise<unknown> {
    const command = { name: 'propose-case' as const, caseId: knownId(caseId), headers, body: parseBody(proposalBody, body) }
    return this.#act(command, (unit, act) => this.#parts.caseDesk.propose(unit.tx, { ...act, ...command.body }))
  }

  @Post(':caseId\\:decide')
  @HttpCode(200)
  async decide(@Param('caseId') caseId: string, @Headers() headers: RequestHeaders, @Body() body: unknown): Promise<unknown> {
    const command = { name: 'decide-case' as const, caseId: knownId(caseId), headers, body: parseBody(decisionBody, body) }
    return this.#act(command, (unit, act) => this.#parts.caseDesk.decide(unit.tx, { ...act, ...command.body }))
  }

  async #act<Body extends object>(
    command: Command<Body>,
    run: (unit: UnitOfWork, act: CaseAct) => ReturnType<Adjudication['caseDesk']['propose']>,
  ): Promise<unknown> {
    const officer = actorOf(command.headers).name
    const key = `${officer}\n${command.name}\n${requireIdempotencyKey(command.headers)}`
    await this.#parts.unitOfWork.run(command.name, (unit) =>
      runIdempotent({ unit, key, fingerprint: { caseId: command.caseId, ...command.body } }, async () => {
        const act = { caseId: command.caseId, officer, now: unit.now, cause: { id: key } }
        const acted = await run(unit, act)
        if (!acted.ok) throw problemOf(acted.refusal)
        this.#tell(unit, { acted: acted.value, act, body: command.body })
        return { status: 200, body: {} }
      }),
    )
    return (await this.#parts.caseQueries.one(this.#parts.database, command.caseId)) ?? notFound()
  }

  #tell(unit: UnitOfWork, { acted, act, body }: { readonly acted: Acted; readonly act: CaseAct; readonly body: object }): void {
    const { openCase, action, changes } = acted
    if (action !== undefined) {
      const { outcome, note = '' } = body as { outcome?: 'approve' | 'deny'; note?: string }
      unit.emit({
        type: 'weir.case.acted.v1',
        subject: act.caseId,
        key: openCase.eventKey,
        cause: act.cause,
        data: { caseId: act.caseId, action, officer: act.officer, note, actedAt: act.now.toISOString(), ...(outcome ? { outcome } : {}) },
      })
    }
    emitChanges(unit, changes, this.#parts.making(act.now))
  }
}

interface CaseAct {
  readonly caseId: string
  readonly officer: string
  readonly now: Date
  readonly cause: { readonly id: string }
}

const knownId = (caseId: string): string => (z.uuid().safeParse(caseId).success ? caseId : notFound())

function notFound(): never {
  throw problemOf('case-not-found')
}

const refusals: Readonly<Record<CaseRefusal, { readonly status: number; readonly title: string; readonly detail?: string }>> = {
  'case-not-found': { status: 404, title: 'There is no case with this id.' },
  'case-resolved': { status: 409, title: 'The case has ended.' },
  'no-proposal': { status: 409, title: 'Nothing is proposed.', detail: 'One officer proposes, another one decides.' },
  'four-eyes': { status: 403, title: 'The proposer cannot decide.', detail: 'Another officer has to.' },
  'case-changed': { status: 409, title: 'The case changed meanwhile.', detail: 'Look at it again, then repeat the command.' },
}

const problemOf = (refusal: CaseRefusal): ProblemError => new ProblemError({ code: refusal, ...refusals[refusal] })
