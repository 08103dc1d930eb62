import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 20
const EVERY_MS = 500
const KEPT = 3

export interface EventLoopWatch {
  /** What every one of the last windows exceeded: a single pause is no overload. */
  sustainedMs(): number
  stop(): void
}

/** The longest delay of each window, of which the last few are kept. */
export class DelayWindows {
  private readonly windows: number[] = []

  add(ms: number): void {
    this.windows.push(ms)
    if (this.windows.length > KEPT) this.windows.shift()
  }

  sustainedMs(): number {
    return this.windows.length < KEPT ? 0 : Math.min(...this.windows)
  }
}

type Listener = (delayMs: number) => void

const listeners = new Set<Listener>()
let stopShared: (() => void) | undefined

/** `onWindow` hears the longest delay of each half second. Services of one process share one watch: they share the loop. */
export function watchEventLoop(onWindow: Listener): EventLoopWatch {
  const windows = new DelayWindows()
  const listen: Listener = (ms) => {
    windows.add(ms)
    onWindow(ms)
  }
  listeners.add(listen)
  stopShared ??= startShared()
  return {
    sustainedMs: () => windows.sustainedMs(),
    stop: () => {
      listeners.delete(listen)
      if (listeners.size > 0) return
      stopShared?.()
      stopShared = undefined
    },
  }
}

function startShared(): () => void {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const timer = setInterval(() => {
    // Node counts the time between two ticks, so its own interval is in it.
    const delayMs = Math.max(0, histogram.max / 1e6 - RESOLUTION_MS)
    histogram.reset()
    for (const listen of listeners) listen(delayMs)
  }, EVERY_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    histogram.disable()
  }
}
