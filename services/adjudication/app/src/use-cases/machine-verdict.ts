import { decide, lateVerdict, type CompiledPack, type CountryGroups, type License, type Verdict } from '@weir/adjudication-core'
import type { AskState, RequestState } from './ports.js'
import { dayOf, toFacts } from './to-facts.js'

export interface PolicyInUse {
  readonly packs: readonly CompiledPack[]
  readonly groups: CountryGroups
  readonly digests: Readonly<Record<string, string>>
}

export interface MachineVerdict {
  readonly ask: AskState
  readonly verdict: Verdict
  readonly late: boolean
}

export interface VerdictInput {
  readonly policy: PolicyInUse
  readonly licenses: readonly License[]
  readonly now: Date
  /** also where assessments are missing and the deadline has passed */
  readonly overdueToo: boolean
  /** officers look: also where the act is over */
  readonly endedToo: boolean
}

/** What the rules say about the newest ask; undefined: nothing yet, or nothing any more. */
export function machineVerdict(state: RequestState, input: VerdictInput): MachineVerdict | undefined {
  const { newest: ask, current } = state
  if (ask === undefined) return undefined
  if (isClosed(state, ask) && !input.endedToo) return undefined
  const { requested, identity, workload } = ask
  if (requested.request.action === 'delete') return { ask, verdict: decideWithout(ask, input), late: false }
  if (identity && workload) {
    const customerId = identity.subject.state === 'known' ? identity.subject.customerId : undefined
    const verdict = decide({
      facts: toFacts({ requested, identity, workload }, input.policy.groups),
      day: dayOf(requested),
      now: input.now.toISOString(),
      packs: input.policy.packs,
      licenses: input.licenses.map((license) => withOwn(license, state)),
      ...(customerId === undefined ? {} : { customerId }),
    })
    return { ask, verdict, late: false }
  }
  if (!input.overdueToo || !(ask.overdue || (current?.late === true && current.ask === ask.ask))) return undefined
  const missing = [...(identity ? [] : ['identity' as const]), ...(workload ? [] : ['classification' as const])]
  return { ask, verdict: lateVerdict(missing), late: true }
}

/** The act is over and was decided on all facts; a decision that was held as late still waits for them. */
const isClosed = ({ endedAsk, current }: RequestState, { ask }: AskState): boolean =>
  endedAsk !== undefined && endedAsk >= ask && current?.ask === ask && !current.late

/** Giving back needs no assessment. */
const decideWithout = ({ requested }: AskState, { policy, now }: VerdictInput): Verdict =>
  decide({
    facts: { request: { action: requested.request.action, enforcement: requested.request.enforcement }, who: {}, what: {}, where: {} },
    day: dayOf(requested),
    now: now.toISOString(),
    packs: policy.packs,
    licenses: [],
  })

/** What a request holds of a license already is not in its way. */
function withOwn(license: License, state: RequestState): License {
  const own = state.reservations.filter((held) => held.licenseId === license.licenseId).reduce((sum, held) => sum + held.quantity, 0)
  return { ...license, available: license.available + own }
}
