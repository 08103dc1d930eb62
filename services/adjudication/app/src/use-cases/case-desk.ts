import { ok, refused, type Result } from '@weir/kernel'
import type { Transaction } from '@weir/persistence'
import type { DecideRequests } from './decide-requests.js'
import type { Cause, Change, OpenCase, Proposal } from './ports.js'
import type { DecideDeps } from './settled.js'

export type CaseRefusal = 'case-not-found' | 'case-resolved' | 'no-proposal' | 'four-eyes' | 'case-changed'

export interface CaseAct {
  readonly caseId: string
  readonly officer: string
  readonly note: string
  readonly now: Date
  readonly cause: Cause
}

export interface Acted {
  readonly openCase: OpenCase
  /** told as case.acted; absent: the case ended, which the changes tell */
  readonly action?: 'proposed' | 'proposal-rejected'
  readonly changes: readonly Change[]
}

/** How the members of a case are found and locked; requests, licenses, cases, in this order everywhere. */
export interface CaseMembers {
  /** undefined: no such case */
  stateOf(tx: Transaction, caseId: string): Promise<'open' | 'resolved' | undefined>
  membersOf(tx: Transaction, caseId: string): Promise<readonly string[]>
}

export interface CaseDeskDeps extends Pick<DecideDeps, 'requests' | 'cases'> {
  readonly members: CaseMembers
  readonly decide: DecideRequests
}

/** Officers' work on held requests: one proposes, another one decides. */
export class CaseDesk {
  readonly #deps: CaseDeskDeps

  constructor(deps: CaseDeskDeps) {
    this.#deps = deps
  }

  async propose(tx: Transaction, act: CaseAct & { readonly outcome: 'approve' | 'deny' }): Promise<Result<Acted, CaseRefusal>> {
    const found = await this.#locked(tx, act)
    if (!found.ok) return found
    const proposal: Proposal = { outcome: act.outcome, officer: act.officer, note: act.note, proposedAt: act.now.toISOString() }
    await this.#deps.cases.setProposal(tx, [act.caseId], proposal)
    return ok({ openCase: { ...found.value.openCase, proposal }, action: 'proposed', changes: [] })
  }

  async decide(tx: Transaction, act: CaseAct & { readonly accept: boolean }): Promise<Result<Acted, CaseRefusal>> {
    const found = await this.#locked(tx, act)
    if (!found.ok) return found
    const { openCase, members } = found.value
    const { proposal } = openCase
    if (!proposal) return refused('no-proposal')
    if (proposal.officer === act.officer) return refused('four-eyes')
    if (!act.accept) {
      await this.#deps.cases.setProposal(tx, [act.caseId], undefined)
      return ok({ openCase, action: 'proposal-rejected', changes: [] })
    }
    const changes = await this.#deps.decide.run(tx, members, {
      now: act.now,
      causes: new Map(members.map((requestId) => [requestId, act.cause])),
      overdueToo: true,
      answer: {
        caseId: act.caseId,
        outcome: proposal.outcome,
        people: { proposedBy: proposal.officer, approvedBy: act.officer, note: act.note === '' ? proposal.note : act.note },
      },
    })
    return ok({ openCase, changes })
  }

  async #locked(
    tx: Transaction,
    { caseId, now }: CaseAct,
  ): Promise<Result<{ readonly openCase: OpenCase; readonly members: readonly string[] }, CaseRefusal>> {
    const { members, requests, cases, decide } = this.#deps
    const before = await members.membersOf(tx, caseId)
    await requests.lock(tx, before)
    await decide.lockLicenses(tx, before, now)
    const [openCase] = await cases.lock(tx, { tenantKeys: [], caseIds: [caseId] })
    if (!openCase) return refused((await members.stateOf(tx, caseId)) === undefined ? 'case-not-found' : 'case-resolved')
    const after = await members.membersOf(tx, caseId)
    // A request that joined in between is not locked; the officer has not seen it either.
    if (after.some((requestId) => !before.includes(requestId))) return refused('case-changed')
    return ok({ openCase, members: after })
  }
}
