import type { AnswerListener, AnsweredRevision } from './answer-requests.js'

/**
 * When a waiter looks for itself, because another instance of the gateway may have received the answer: at first soon, then
 * ever more rarely, or a gate that falls behind would be kept busy by those who wait for it.
 */
const LOOK_AFTER_MS = { first: 250, most: 2_000 }

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

  /** Waits for a wake-up that fits; looks on any other and from time to time. Undefined once `timeoutMs` have passed. */
  async wait<View>(requestId: string, options: WaitOptions<View>): Promise<View | undefined> {
    const end = performance.now() + options.timeoutMs
    for (let look = options.lookFirst, patienceMs = LOOK_AFTER_MS.first; ; look = true) {
      const woken = this.next(requestId)
      try {
        const found = look ? await options.look() : undefined
        const left = end - performance.now()
        if (found !== undefined || left <= 0) return found
        const answered = await woken.within(Math.min(left, patienceMs))
        patienceMs = Math.min(patienceMs * 2, LOOK_AFTER_MS.most)
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
