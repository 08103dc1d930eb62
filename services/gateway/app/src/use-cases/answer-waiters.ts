import type { AnswerListener } from './answer-requests.js'

/** How often a waiter looks for itself: another instance of the gateway may have received the answer. */
const LOOK_EVERY_MS = 250

/** Callers that wait for an answer over HTTP. Lives in memory; what it forgets is answered by GET. */
export class AnswerWaiters implements AnswerListener {
  private readonly waiting = new Map<string, Set<() => void>>()

  answered(requestId: string): void {
    for (const wake of this.waiting.get(requestId) ?? []) wake()
  }

  /** Calls `look` now, on each wake-up and every quarter of a second; undefined once `timeoutMs` have passed. */
  async wait<T>(requestId: string, options: { readonly timeoutMs: number; look(): Promise<T | undefined> }): Promise<T | undefined> {
    const end = performance.now() + options.timeoutMs
    for (;;) {
      const woken = this.next(requestId)
      try {
        const found = await options.look()
        const left = end - performance.now()
        if (found !== undefined || left <= 0) return found
        await woken.within(Math.min(left, LOOK_EVERY_MS))
      } finally {
        woken.forget()
      }
    }
  }

  private next(requestId: string): { within(ms: number): Promise<void>; forget(): void } {
    const wakers = this.waiting.get(requestId) ?? new Set()
    this.waiting.set(requestId, wakers)
    let resolve: () => void = () => undefined
    const called = new Promise<void>((done) => {
      resolve = done
    })
    wakers.add(resolve)
    let timer: NodeJS.Timeout | undefined
    return {
      within: (ms) => {
        timer = setTimeout(resolve, ms)
        return called
      },
      forget: () => {
        clearTimeout(timer)
        wakers.delete(resolve)
        if (wakers.size === 0) this.waiting.delete(requestId)
      },
    }
  }
}
