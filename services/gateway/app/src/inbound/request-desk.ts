import type { Admission, LoadSignal, RefusalCode } from '@weir/gateway-core'
import { ProblemError } from '@weir/service-host'
import type { ApiKeys } from './api-keys.js'
import type { AnswerReader } from '../store/answer-reader.js'
import type { AnsweredRevision } from '../use-cases/answer-requests.js'
import type { AnswerWaiters } from '../use-cases/answer-waiters.js'
import type { DecideRequest, Taken } from '../use-cases/decide-request.js'
import type { GateLoad } from '../use-cases/gate-load.js'
import type { OpenRequests } from '../use-cases/open-requests.js'
import type { KnownCommands } from '../store/known-commands.js'

interface DeskParts {
  readonly keys: ApiKeys
  readonly decide: DecideRequest
  readonly answers: AnswerReader
  readonly waiters: AnswerWaiters
  readonly load: GateLoad
  readonly open: OpenRequests
  readonly known: KnownCommands
  /** one per request that was not kept waiting, or not taken, for want of room */
  shed(how: 'not-waited' | 'refused', signal: LoadSignal): void
}

/** Whether who asks may be kept waiting for the answer. */
export interface Room {
  readonly admission: Exclude<Admission, { readonly kind: 'refuse' }>
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

  /**
   * Takes one more request where there is room, else 429 or 503, before its body is read. `commandKey`: where the caller named one; what
   * was taken under it before is served whatever the load.
   */
  async admit<T>(from: { readonly caller: string; readonly commandKey: string | undefined }, take: () => Promise<T>) {
    const room = await this.room(from)
    return { room, taken: await this.parts.open.taking(from.caller, take) }
  }

  private async room({ caller, commandKey }: { readonly caller: string; readonly commandKey: string | undefined }): Promise<Room> {
    const admission = this.parts.load.roomFor(caller)
    if (admission.kind !== 'refuse') return { admission }
    const { signal } = admission
    if (commandKey !== undefined && (await this.parts.known.has(commandKey))) return { admission: { kind: 'admit-without-wait', signal } }
    this.parts.shed('refused', signal)
    throw refused(admission)
  }

  /** The answer to this ask or a newer one; undefined once `timeoutMs` have passed without one, or at once where nobody may wait. */
  waitForAnswer({ id, ask, isNew }: Taken, { room, timeoutMs }: { readonly room: Room; readonly timeoutMs: number }) {
    if (room.admission.kind === 'admit-without-wait' && timeoutMs > 0) this.parts.shed('not-waited', room.admission.signal)
    return this.parts.waiters.wait<AnsweredView>(id, {
      timeoutMs: room.admission.kind === 'admit' ? timeoutMs : 0,
      lookFirst: !isNew,
      fits: (answered) => (ask !== undefined && answered.ask >= ask ? { state: 'answered', ...answered } : undefined),
      look: async () => {
        const view = await this.parts.answers.view(id)
        return view?.state === 'answered' && view.ask >= view.newestAsk ? view : undefined
      },
    })
  }
}

const titles: Readonly<Record<RefusalCode, string>> = {
  'outbox-full': 'Too many events wait for the broker.',
  'outbox-stalled': 'Events have been waiting for the broker for too long.',
  'answers-behind': 'Too many decisions wait to be let out.',
  overloaded: 'The gateway has more to do than it can.',
  'too-many-open': 'Too many requests wait for their answer.',
  'caller-over-share': 'Too many requests of this caller wait for their answer.',
}

const refused = ({ status, code, retryAfterSeconds }: Extract<Admission, { readonly kind: 'refuse' }>): ProblemError =>
  new ProblemError({
    status,
    code,
    title: titles[code],
    detail: 'Nothing was accepted. Send the same request again, under the same idempotency key, after the time that Retry-After names.',
    headers: { 'retry-after': String(retryAfterSeconds) },
  })

type AnsweredView = { readonly state: 'answered' } & AnsweredRevision
