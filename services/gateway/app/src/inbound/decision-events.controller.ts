import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { Received, UnitOfWork } from '@weir/messaging'
import { outcomeDigest, requestDigest } from '../outbound/receipt-checker.js'
import type { AnswerRequests } from '../use-cases/answer-requests.js'

export const ANSWER_REQUESTS = Symbol('answer requests')

@Controller()
export class DecisionEventsController {
  constructor(@Inject(ANSWER_REQUESTS) private readonly answers: AnswerRequests) {}

  @EventPattern<string>('weir.decision.made.v1')
  async onDecision(@Payload() events: Received<'weir.decision.made.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.answers.learn(
      unit,
      events.map(({ key, data }) => {
        const { outcome, reasons, caseId } = data.sections.outcome.value
        const decision = {
          ask: data.ask,
          outcome,
          reasons,
          caseId,
          request: data.request,
          outcomeDigest: outcomeDigest(data.sections.outcome),
          requestDigest: requestDigest(data.sections.request, data.request),
        }
        return { requestId: data.requestId, revision: data.revision, key, decision }
      }),
    )
  }

  @EventPattern<string>('weir.entry.recorded.v1')
  async onRecorded(@Payload() events: Received<'weir.entry.recorded.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.answers.learn(
      unit,
      events.flatMap(({ key, data }) => {
        const { kind, subjectId, revision, entry, receipt, index } = data
        if (kind !== 'decision' || revision === undefined) return []
        return [{ requestId: subjectId, revision, key, record: { entry, receipt, index } }]
      }),
    )
  }
}
