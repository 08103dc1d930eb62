import type { AnswerListener, AnsweredRevision } from './answer-requests.js'

/** Of these requests, those that have an answer. */
export type AnsweredAmong = (requestIds: readonly string[]) => Promise<readonly string[]>

interface OpenRequest {
  readonly caller: string
  readonly since: number
  askedAt: number
}

const ASK_AGAIN_AFTER_MS = 10_000
const ASKED_AT_ONCE = 500
/** A request that is overtaken by so much waits for somebody to mend something, and not for its turn. */
const OVERTAKEN_BY_MS = 60_000

/**
 * The requests that are being taken, and those that were accepted and are not answered: all that waits on the way of an answer, at
 * the door and in whichever service. It lives in memory and begins with the process; what waited before shows in the lag.
 */
export class OpenRequests implements AnswerListener {
  /** in the order of their acceptance */
  private readonly requests = new Map<string, OpenRequest>()
  private readonly byCaller = new Map<string, number>()
  private beingTaken = 0
  private newestAnswered = -Infinity

  constructor(
    private readonly answeredAmong: AnsweredAmong,
    private readonly now: () => number,
  ) {}

  /** Counts while it is being taken. */
  async taking<T>(caller: string, work: () => Promise<T>): Promise<T> {
    this.beingTaken += 1
    this.add(caller, 1)
    try {
      return await work()
    } finally {
      this.beingTaken -= 1
      this.add(caller, -1)
    }
  }

  accepted(requestId: string, caller: string): void {
    if (this.requests.has(requestId)) return
    this.requests.set(requestId, { caller, since: this.now(), askedAt: this.now() })
    this.add(caller, 1)
  }

  answered({ answer }: Pick<AnsweredRevision, 'answer'>): void {
    const since = this.requests.get(answer.id)?.since
    if (since === undefined) return
    this.newestAnswered = Math.max(this.newestAnswered, since)
    this.forget(answer.id)
  }

  count(): number {
    return this.requests.size + this.beingTaken
  }

  of(caller: string): { readonly open: number; readonly callers: number } {
    const open = this.byCaller.get(caller) ?? 0
    return { open, callers: this.byCaller.size + (open === 0 ? 1 : 0) }
  }

  /** Finds out what another instance of the gate has answered, and gives up what was overtaken long ago. */
  async review(): Promise<void> {
    const now = this.now()
    const doubtful: string[] = []
    for (const [id, request] of this.requests) {
      if (this.newestAnswered - request.since > OVERTAKEN_BY_MS) this.forget(id)
      else if (now - request.askedAt >= ASK_AGAIN_AFTER_MS && doubtful.length < ASKED_AT_ONCE) {
        request.askedAt = now
        doubtful.push(id)
      }
    }
    if (doubtful.length === 0) return
    for (const id of await this.answeredAmong(doubtful)) this.forget(id)
  }

  private forget(id: string): void {
    const caller = this.requests.get(id)?.caller
    if (caller === undefined) return
    this.requests.delete(id)
    this.add(caller, -1)
  }

  private add(caller: string, more: number): void {
    const open = (this.byCaller.get(caller) ?? 0) + more
    if (open > 0) this.byCaller.set(caller, open)
    else this.byCaller.delete(caller)
  }
}
