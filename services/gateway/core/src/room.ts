/** What is measured where requests come in. */
export type LoadSignal = 'outbox-depth' | 'outbox-age' | 'lag' | 'event-loop' | 'open-requests'

/** Undefined: not known, which is not "none". */
export type Load = Readonly<Record<LoadSignal, number | undefined>>
export type LoadLimits = Readonly<Record<LoadSignal, number>>

export interface RoomLimits {
  /** from here on nobody is kept waiting for an answer */
  readonly wait: LoadLimits
  /** from here on nothing new is taken */
  readonly take: LoadLimits
}

export interface LoadFacts {
  readonly load: Load
  /** by how much each backlog shrank per second of late; absent: not known */
  readonly drainPerSecond: Readonly<Partial<Record<LoadSignal, number>>>
  readonly caller: {
    /** requests of this caller that are not answered */
    readonly open: number
    /** how many callers have such requests, this one among them */
    readonly callers: number
  }
}

export type RefusalCode = 'outbox-full' | 'outbox-stalled' | 'answers-behind' | 'overloaded' | 'too-many-open' | 'caller-over-share'

export type Admission =
  | { readonly kind: 'admit' }
  /** taken, and answered at once that the answer comes later */
  | { readonly kind: 'admit-without-wait'; readonly signal: LoadSignal }
  | {
      readonly kind: 'refuse'
      readonly signal: LoadSignal
      readonly code: RefusalCode
      readonly status: 429 | 503
      readonly retryAfterSeconds: number
    }

type Level = 'no-wait' | 'refuse'
/** The signals that are over a limit. */
export type Raised = ReadonlyMap<LoadSignal, Level>

const signals = ['outbox-depth', 'outbox-age', 'lag', 'event-loop', 'open-requests'] as const satisfies readonly LoadSignal[]

const codes: Readonly<Record<LoadSignal, RefusalCode>> = {
  'outbox-depth': 'outbox-full',
  'outbox-age': 'outbox-stalled',
  lag: 'answers-behind',
  'event-loop': 'overloaded',
  'open-requests': 'too-many-open',
}

/** A signal that was raised counts until it is this much below its limit: who was sent away finds room when he comes back. */
const LOWERED = 0.8
/** From this part of the limit on, a caller with more than his share of the open requests is refused before the others. */
const CROWDED = 0.5
const RETRY_AFTER = { least: 1, unknown: 5, most: 60 }

/**
 * Whether there is room for one more request. First nobody waits any longer, then whoever has the most under way is refused (429),
 * then everybody (503). `before`: what the last judgement raised.
 */
export function roomFor(
  facts: LoadFacts,
  { limits, before }: { readonly limits: RoomLimits; readonly before: Raised },
): { readonly admission: Admission; readonly raised: Raised } {
  const raised = new Map(
    signals.flatMap((signal) => {
      const level = levelOf(facts.load[signal], {
        wait: limits.wait[signal] * (before.has(signal) ? LOWERED : 1),
        take: limits.take[signal] * (before.get(signal) === 'refuse' ? LOWERED : 1),
      })
      return level === undefined ? [] : [[signal, level] as const]
    }),
  )
  return { admission: refusal(facts, { limits, raised }) ?? admitted(raised), raised }
}

function levelOf(value: number | undefined, limits: { readonly wait: number; readonly take: number }): Level | undefined {
  // Not to be known is no reason to send work away that can be stored; only nobody should wait for it.
  if (value === undefined) return 'no-wait'
  if (value >= limits.take) return 'refuse'
  return value >= limits.wait ? 'no-wait' : undefined
}

function refusal(facts: LoadFacts, { limits, raised }: { readonly limits: RoomLimits; readonly raised: Raised }): Admission | undefined {
  const over = signals.find((signal) => raised.get(signal) === 'refuse')
  if (over !== undefined) {
    const retryAfterSeconds = secondsUntil(limits.take[over] * LOWERED, { facts, signal: over })
    return { kind: 'refuse', signal: over, code: codes[over], status: 503, retryAfterSeconds }
  }
  const crowdedFrom = limits.take['open-requests'] * CROWDED
  const open = facts.load['open-requests'] ?? 0
  if (open < crowdedFrom || facts.caller.open * facts.caller.callers < open) return undefined
  const retryAfterSeconds = secondsUntil(crowdedFrom, { facts, signal: 'open-requests' })
  return { kind: 'refuse', signal: 'open-requests', code: 'caller-over-share', status: 429, retryAfterSeconds }
}

function admitted(raised: Raised): Admission {
  const signal = signals.find((one) => raised.has(one))
  return signal === undefined ? { kind: 'admit' } : { kind: 'admit-without-wait', signal }
}

/** Until the backlog is down to `goal`, if it goes on shrinking as it did. */
function secondsUntil(goal: number, { facts, signal }: { readonly facts: LoadFacts; readonly signal: LoadSignal }): number {
  const drain = facts.drainPerSecond[signal] ?? 0
  if (drain <= 0) return RETRY_AFTER.unknown
  const seconds = Math.ceil(((facts.load[signal] ?? goal) - goal) / drain)
  return Math.min(Math.max(seconds, RETRY_AFTER.least), RETRY_AFTER.most)
}
