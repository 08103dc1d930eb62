import type { AcceleratorTotals, ActOutcome, CanonicalRequest } from './canonical-request.js'

export interface MergedStep {
  request: CanonicalRequest
  /** what the act did by this step */
  moved: 'started' | 'failed' | 'released' | 'none'
  /** whether something that a decision rests on changed, so that the request must be asked again */
  changed: boolean
}

const RANK: Readonly<Record<ActOutcome, number>> = { pending: 1, failed: 2, succeeded: 3 }
const rank = (outcome: ActOutcome | undefined): number => (outcome === undefined ? 0 : RANK[outcome])

// Records arrive in any order and more than once: `pending` never undoes an end, and what once ran stays used until it is
// given back, so that a failure told late never frees it.
const further = (stored: ActOutcome | undefined, later: ActOutcome | undefined): ActOutcome | undefined =>
  rank(later) > rank(stored) ? later : stored

const known = (totals: AcceleratorTotals | undefined): boolean => totals !== undefined && totals !== 'unknown'

type Hardware = Pick<CanonicalRequest, 'skus' | 'accelerators' | 'requestedCount'>

// A step that names hardware replaces what was known, unless it knows less about it.
function hardware(stored: CanonicalRequest, later: CanonicalRequest): Hardware {
  const replaces = later.skus.length > 0 && (known(later.accelerators) || !known(stored.accelerators))
  const from = replaces ? later : stored
  return {
    skus: from.skus,
    accelerators: from.accelerators ?? later.accelerators,
    requestedCount: replaces ? (later.requestedCount ?? stored.requestedCount) : (stored.requestedCount ?? later.requestedCount),
  }
}

function granted(stored: CanonicalRequest, later: CanonicalRequest): number | null | undefined {
  if (typeof later.grantedCount !== 'number') return stored.grantedCount ?? later.grantedCount
  if (typeof stored.grantedCount !== 'number') return later.grantedCount
  return Math.max(stored.grantedCount, later.grantedCount)
}

const MAX_DEPTH = 100

/** Deep equality of JSON values; the order of names does not count. Values nested deeper than any real record differ. */
export function sameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > MAX_DEPTH) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  const names = new Set([...left.keys(), ...right.keys()])
  return [...names].every((name) => sameJson(left.get(name), right.get(name), depth + 1))
}

function decidedOn(request: CanonicalRequest): object {
  const { action, tenantRef, provider, region, skus, requestedCount, accelerators, window, workloadHints, network, endUse, delivery } =
    request
  return { action, tenantRef, provider, region, skus, requestedCount, accelerators, window, workloadHints, network, endUse, delivery }
}

function movedTo(stored: CanonicalRequest, merged: CanonicalRequest): MergedStep['moved'] {
  if (merged.outcome === stored.outcome) return 'none'
  if (merged.outcome === 'failed') return 'failed'
  if (merged.outcome !== 'succeeded') return 'none'
  return merged.action === 'delete' ? 'released' : 'started'
}

function merged(stored: CanonicalRequest, later: CanonicalRequest): CanonicalRequest {
  const fields: CanonicalRequest = {
    ...later,
    ...withoutAbsent(stored),
    ...hardware(stored, later),
    // Azure's first records do not tell a new machine from a changed one; the answered write does.
    action: stored.action === 'create' && later.action === 'resize' ? 'resize' : stored.action,
    outcome: further(stored.outcome, later.outcome),
    grantedCount: granted(stored, later),
  }
  return withoutAbsent(fields)
}

const withoutAbsent = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T

/** Joins a later record of the same act into the request that stands for it. */
export function mergeStep(stored: CanonicalRequest, later: CanonicalRequest): MergedStep {
  if (later.action === 'delete' && stored.action !== 'delete') {
    const gone = later.outcome === undefined || later.outcome === 'succeeded'
    return { request: stored, moved: gone ? 'released' : 'none', changed: false }
  }
  const request = merged(stored, later)
  return { request, moved: movedTo(stored, request), changed: !sameJson(decidedOn(stored), decidedOn(request)) }
}
