import { createHash } from 'node:crypto'
import { validateAgainstClock } from '@weir/gateway-core'
import { canonicalJson } from '@weir/kernel'
import type { SubmittedRequest } from '@weir/contracts'
import { Gatherer, type UnitOfWork, type UnitOfWorkRunner } from '@weir/messaging'
import { ProblemError, runIdempotentMany } from '@weir/service-host'
import type { AcceptRequests, Ask } from './accept-requests.js'
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

/** What a command was taken as. */
export interface Taken {
  readonly id: string
  /** absent: the command was repeated, and its request may have moved on since */
  readonly ask?: number
  readonly isNew: boolean
}

/** Commands of one transaction; above this the next transaction takes the rest. */
const COMMANDS_AT_ONCE = 64

/**
 * Takes whole canonical requests by command; those that arrive side by side share a transaction. The same key and body, or
 * the same source and event id with the same body, is the same request.
 */
export class DecideRequest {
  private readonly gatherer: Gatherer<DecideCommand, Taken | ProblemError>

  constructor(
    private readonly unitOfWork: UnitOfWorkRunner,
    private readonly requests: AcceptRequests,
  ) {
    this.gatherer = new Gatherer({
      together: (commands) => this.takeTogether(commands),
      alone: async (command) => {
        const [taken] = await this.takeTogether([command])
        if (taken === undefined) throw new Error('the command has no answer')
        return taken
      },
      most: COMMANDS_AT_ONCE,
      sizeOf: () => 1,
      nameOf: logKeyOf,
    })
  }

  /** Refuses with 422 (time, reused key) and 409 (another body under a known event id). */
  async take(command: DecideCommand): Promise<Taken> {
    const taken = await this.gatherer.add(command)
    if (taken instanceof ProblemError) throw taken
    return taken
  }

  private takeTogether(commands: readonly DecideCommand[]): Promise<(Taken | ProblemError)[]> {
    return this.unitOfWork.run('decide-request', async (unit) => {
      const refusals = commands.map(({ request }) => refusalOf(request, unit.now))
      const open = commands.filter((_command, place) => refusals[place] === undefined)
      const accepted = new Map<string, Taken>()
      const answers = await runIdempotentMany({ unit, commands: open.map(keyedOf) }, async (fresh) => {
        const taken = await this.accept(
          unit,
          fresh.flatMap((place) => open[place] ?? []),
        )
        for (const one of taken) if (!(one instanceof ProblemError)) accepted.set(one.id, one)
        return taken.map((one) => (one instanceof ProblemError ? one : { status: 202, body: { id: one.id } }))
      })
      const taken = answers.map((answer) =>
        answer instanceof ProblemError ? answer : (accepted.get(answer.body.id) ?? { id: answer.body.id, isNew: false }),
      )
      return refusals.flatMap((refusal) => refusal ?? taken.shift() ?? [])
    })
  }

  private async accept(unit: UnitOfWork, commands: readonly DecideCommand[]): Promise<(Taken | ProblemError)[]> {
    const accepted = await this.requests.accept(unit, commands.map(wholeAskOf))
    return commands.flatMap(({ request }, place) => {
      const one = accepted[place]
      if (one === undefined) return []
      return one.kind === 'conflict' ? conflict(request) : { id: one.requestId, ask: one.ask, isNew: one.isNew }
    })
  }
}

/** A command's key in the log of commands. */
export const commandKey = (caller: string, idempotencyKey: string): string => `${caller}\n${idempotencyKey}`

const logKeyOf = ({ caller, idempotencyKey }: DecideCommand): string => commandKey(caller, idempotencyKey)

const keyedOf = (command: DecideCommand) => ({ key: logKeyOf(command), fingerprint: command.request })

function wholeAskOf({ request, traceparent, caller }: DecideCommand): Ask {
  return {
    request,
    actKey: nativeActKey(request),
    fingerprint: fingerprintOf(request),
    whole: true,
    resourceIds: request.resource?.id === undefined ? [] : [request.resource.id],
    traceparent,
    caller,
  }
}

function refusalOf(request: SubmittedRequest, now: Date): ProblemError | undefined {
  const errors = [...unstorableTexts(request), ...validateAgainstClock(request, now.toISOString())]
  if (errors.length === 0) return undefined
  return new ProblemError({ status: 422, code: 'invalid-body', title: 'The body does not have the required form.', errors })
}

const conflict = (request: SubmittedRequest): ProblemError =>
  new ProblemError({
    status: 409,
    code: 'event-id-reused',
    title: 'This event id belongs to another request.',
    detail: `${request.source} has already sent ${request.sourceEventId} with another body.`,
    errors: [{ pointer: '/sourceEventId', detail: 'names a request with another body' }],
  })
