import type { CanonicalRequest } from './canonical-request.js'
import { epochOf } from './instant.js'

export interface FieldProblem {
  /** RFC 6901 */
  pointer: string
  detail: string
}

/** How far the clock of a sender may be ahead of ours. */
const TOLERANCE = 5 * 60_000

/** What a request says about time that cannot be true at `now`. */
export function validateAgainstClock(request: CanonicalRequest, now: string): FieldProblem[] {
  const clock = epochOf(now)
  if (clock === undefined) return []
  return (['occurredAt', 'receivedAt'] as const).flatMap((name): FieldProblem[] => {
    const stated = request[name]
    if (stated === undefined) return []
    const at = epochOf(stated)
    if (at === undefined) return [{ pointer: `/${name}`, detail: `${name} is not an instant` }]
    return at - clock > TOLERANCE ? [{ pointer: `/${name}`, detail: `${name} is more than 5 minutes ahead of the clock` }] : []
  })
}
