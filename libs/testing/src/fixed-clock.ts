export interface FixedClock {
  now(): Date
  advance(milliseconds: number): void
  set(instant: string): void
}

/** A clock that moves only when told. */
export function fixedClock(instant = '2026-01-15T12:00:00.000Z'): FixedClock {
  let current = Date.parse(instant)
  return {
    now: () => new Date(current),
    advance: (milliseconds) => {
      current += milliseconds
    },
    set: (next) => {
      current = Date.parse(next)
    },
  }
}
