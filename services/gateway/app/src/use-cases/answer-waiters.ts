import type { AnswerListener, AnsweredRevision } from './answer-requests.js'

/** How often a waiter looks for itself: another instance of the gateway may have received the answer. */
const LOOK_EVERY_MS = 250

export interface WaitOptions<View> {
  readonly timeoutMs: number
  /** false: there cannot be an answer yet */
  readonly lookFirst: boolean
  /** what was just answered, if it is what the waiter waits for; undefined makes it look */
  fits(answered: AnsweredRevision): View | undefined
  look(): Promise<View | undefined>
}

type Wake = (answered?: AnsweredRevision) => void

/** Callers that wait for an answer over HTTP. Lives in memory; what it forgets is answered by GET. */
export class AnswerWaiters implements AnswerListener {
  private readonly waiting = new Map<string, Set<Wake>>()

  answered(answered: AnsweredRevision): void {
    for (const wake of this.waiting.get(answered.answer.id) ?? []) wake(answered)
  }

  /** Waits for a wake-up that fits; looks on any other and every quarter of a second. Undefined once `timeoutMs` have passed. */
  async wait<View>(requestId: string, options: WaitOptions<View>): Promise<View | undefined> {
    const end = performance.now() + options.timeoutMs
    for (let look = options.lookFirst; ; look = true) {
      const woken = this.next(requestId)
      try {
        const found = look ? await options.look() : undefined
        const left = end - performance.now()
        if (found !== undefined || left <= 0) return found
        const answered = await woken.within(Math.min(left, LOOK_EVERY_MS))
        const fitting = answered && options.fits(answered)
        if (fitting !== undefined) return fitting
      } finally {
        woken.forget()
      }
    }
  }

  private next(requestId: string): { within(ms: number): Promise<AnsweredRevision | undefined>; forget(): void } {
    const wakers = this.waiting.get(requestId) ?? new Set()
    this.waiting.set(requestId, wakers)
    let wake: Wake = () => undefined
    const called = new Promise<AnsweredRevision | undefined>((done) => {
      wake = done
    })
    wakers.add(wake)
    let timer: NodeJS.Timeout | undefined
    return {
      within: (ms) => {
        timer = setTimeout(wake, ms)
        return called
      },
      forget: () => {
        clearTimeout(timer)
        wakers.delete(wake)
        if (wakers.size === 0) this.waiting.delete(requestId)
      },
    }
  }
}
