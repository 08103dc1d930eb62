import { setTimeout as delay } from 'node:timers/promises'

export interface UntilOptions {
  /** completes the sentence "waited in vain until …" */
  readonly describe: string
  readonly timeoutMs?: number
  readonly everyMs?: number
}

/**
 * Asks `probe` until it yields something other than undefined, null or false, and returns that. A probe that throws
 * (an `expect` in it, too) is asked again; the last error is the cause when time is up.
 */
export async function until<T>(probe: () => T | Promise<T>, options: UntilOptions): Promise<Exclude<T, undefined | null | false>> {
  const timeoutMs = options.timeoutMs ?? 10_000
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const found = await probe()
      if (found !== undefined && found !== null && found !== false) return found as Exclude<T, undefined | null | false>
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) {
      const reason = cause instanceof Error ? `: ${cause.message}` : ''
      throw new Error(`waited ${timeoutMs} ms in vain until ${options.describe}${reason}`, { cause })
    }
    await delay(options.everyMs ?? 20)
  }
}
