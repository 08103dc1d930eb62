import { ProblemError } from '@weir/service-host'
import type { ApiKeys } from './api-keys.js'
import type { AnswerReader } from '../store/answer-reader.js'
import type { AnsweredRevision } from '../use-cases/answer-requests.js'
import type { AnswerWaiters } from '../use-cases/answer-waiters.js'
import type { DecideRequest, Taken } from '../use-cases/decide-request.js'

interface DeskParts {
  readonly keys: ApiKeys
  readonly decide: DecideRequest
  readonly answers: AnswerReader
  readonly waiters: AnswerWaiters
  outboxDepth(): number
  readonly maxOutbox: number
}

/** What the HTTP side of the gateway shares: who calls, whether there is room, and waiting for an answer. */
export class RequestDesk {
  readonly keys: ApiKeys
  readonly decide: DecideRequest
  readonly answers: AnswerReader

  constructor(private readonly parts: DeskParts) {
    this.keys = parts.keys
    this.decide = parts.decide
    this.answers = parts.answers
  }

  /** Work is accepted while the broker is away, up to the stated depth; then 503. */
  refuseWhenFull(): void {
    if (this.parts.outboxDepth() < this.parts.maxOutbox) return
    throw new ProblemError({
      status: 503,
      code: 'outbox-full',
      title: 'Too many events wait for the broker.',
      detail: 'Nothing was accepted. Send the same request again later.',
      headers: { 'retry-after': '5' },
    })
  }

  /** The answer to this ask or a newer one; undefined once `timeoutMs` have passed without one. */
  waitForAnswer({ id, ask, isNew }: Taken, timeoutMs: number): Promise<AnsweredView | undefined> {
    return this.parts.waiters.wait(id, {
      timeoutMs,
      lookFirst: !isNew,
      fits: (answered) => (ask !== undefined && answered.ask >= ask ? { state: 'answered', ...answered } : undefined),
      look: async () => {
        const view = await this.parts.answers.view(id)
        return view?.state === 'answered' && view.ask >= view.newestAsk ? view : undefined
      },
    })
  }
}

type AnsweredView = { readonly state: 'answered' } & AnsweredRevision
