import { createHash } from 'node:crypto'
import { validateAgainstClock } from '@weir/gateway-core'
import { canonicalJson } from '@weir/kernel'
import type { SubmittedRequest } from '@weir/contracts'
import type { UnitOfWorkRunner } from '@weir/messaging'
import { ProblemError, runIdempotent } from '@weir/service-host'
import type { AcceptRequests } from './accept-requests.js'
import { unstorableTexts } from './unstorable-texts.js'

export interface DecideCommand {
  readonly request: SubmittedRequest
  readonly caller: string
  readonly idempotencyKey: string
  readonly traceparent?: string | undefined
}

export const fingerprintOf = (request: unknown): string => createHash('sha256').update(canonicalJson(request)).digest('hex')

/** A native sender's own event id names the act. */
export const nativeActKey = (request: { readonly source: string; readonly sourceEventId?: string | undefined }): string =>
  `native\n${request.source}\n${request.sourceEventId ?? ''}`

/** Takes a whole canonical request by command. The same key and body, or the same source and event id with the same body, is the same request. */
export class DecideRequest {
  constructor(
    private readonly unitOfWork: UnitOfWorkRunner,
    private readonly requests: AcceptRequests,
  ) {}

  /** The request's id. Refuses with 422 (time, reused key) and 409 (another body under a known event id). */
  async take(command: DecideCommand): Promise<string> {
    const { request } = command
    const answer = await this.unitOfWork.run('decide-request', async (unit) => {
      const errors = [...unstorableTexts(request), ...validateAgainstClock(request, unit.now.toISOString())]
      if (errors.length > 0) {
        throw new ProblemError({ status: 422, code: 'invalid-body', title: 'The body does not have the required form.', errors })
      }
      const key = `${command.caller}\n${command.idempotencyKey}`
      return runIdempotent({ unit, key, fingerprint: request }, async () => {
        const ask = {
          request,
          actKey: nativeActKey(request),
          fingerprint: fingerprintOf(request),
          whole: true,
          resourceIds: request.resource?.id === undefined ? [] : [request.resource.id],
          traceparent: command.traceparent,
        }
        const [accepted] = await this.requests.accept(unit, [ask])
        if (accepted?.kind !== 'accepted') throw conflict(request)
        return { status: 202, body: { id: accepted.requestId } }
      })
    })
    return answer.body.id
  }
}

const conflict = (request: SubmittedRequest): ProblemError =>
  new ProblemError({
    status: 409,
    code: 'event-id-reused',
    title: 'This event id belongs to another request.',
    detail: `${request.source} has already sent ${request.sourceEventId} with another body.`,
    errors: [{ pointer: '/sourceEventId', detail: 'names a request with another body' }],
  })
