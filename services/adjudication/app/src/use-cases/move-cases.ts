import type { Transaction } from '@weir/persistence'
import { isIn } from './case-plan.js'
import type { NewCase, OpenCase, Resolution, ResolvedCase } from './ports.js'
import type { DecideDeps, DecideOn, Settled } from './settled.js'

export interface MovedCases {
  /** the open case of each held request */
  readonly caseOf: ReadonlyMap<string, string>
  /** by the request that opened it */
  readonly opened: ReadonlyMap<string, NewCase>
  /** by the request that was the last to leave it */
  readonly resolved: ReadonlyMap<string, { readonly eventKey: string; readonly change: ResolvedCase }>
}

/** Takes decided requests out of their cases, opens cases for what is held, and ends cases that nothing is in any more. */
export class MoveCases {
  readonly #deps: Pick<DecideDeps, 'cases' | 'newId' | 'newSalt'>

  constructor(deps: Pick<DecideDeps, 'cases' | 'newId' | 'newSalt'>) {
    this.#deps = deps
  }

  async run(tx: Transaction, settled: readonly Settled[], on: Pick<DecideOn, 'now' | 'answer'>): Promise<MovedCases> {
    const staying = settled.filter((one) => isIn(one.state, one.target))
    const leaving = settled.filter((one) => one.state.openCase && !staying.includes(one))
    const entering = settled.filter((one) => one.target && !staying.includes(one))
    const tenantKeys = entering.flatMap(({ target }) => (target?.scope === 'tenant' ? [target.tenantKey] : []))
    if (leaving.length + entering.length + staying.length === 0) return { caseOf: new Map(), opened: new Map(), resolved: new Map() }
    const { cases } = this.#deps
    const left = leaving.flatMap((one) => one.state.openCase ?? [])
    const known = await cases.lock(tx, {
      tenantKeys: [...new Set(tenantKeys)].sort(),
      caseIds: [...new Set(left.map(({ caseId }) => caseId))],
    })
    // What was proposed was proposed on other grounds.
    const changed = staying.flatMap(({ state }) =>
      state.openCase?.proposal && state.openCase.scope === 'request' ? [state.openCase.caseId] : [],
    )
    if (changed.length > 0) await cases.setProposal(tx, changed, undefined)
    if (leaving.length > 0) {
      await cases.leave(
        tx,
        leaving.map((one) => one.state.requestId),
        on.now,
      )
    }
    const { caseOf, opened } = await this.#enter(tx, entering, { known, now: on.now })
    for (const one of staying) if (one.state.openCase) caseOf.set(one.state.requestId, one.state.openCase.caseId)
    return { caseOf, opened, resolved: await this.#resolve(tx, leaving, on) }
  }

  async #enter(tx: Transaction, entering: readonly Settled[], on: { readonly known: readonly OpenCase[]; readonly now: Date }) {
    const { cases, newId } = this.#deps
    const byTenant = new Map(on.known.flatMap((one) => (one.tenantKey === undefined ? [] : [[one.tenantKey, one.caseId] as const])))
    const caseOf = new Map<string, string>()
    const planned: NewCase[] = []
    for (const one of entering) {
      const tenantKey = one.target?.scope === 'tenant' ? one.target.tenantKey : undefined
      const existing = tenantKey === undefined ? undefined : byTenant.get(tenantKey)
      const caseId = existing ?? newId()
      caseOf.set(one.state.requestId, caseId)
      if (existing !== undefined) continue
      planned.push(newCase(one, caseId, tenantKey))
      if (tenantKey !== undefined) byTenant.set(tenantKey, caseId)
    }
    const opened = new Set(planned.length === 0 ? [] : await cases.open(tx, planned, on.now))
    await this.#followOthers(tx, { planned: planned.filter((one) => !opened.has(one.caseId)), caseOf })
    await cases.join(
      tx,
      [...caseOf].map(([requestId, caseId]) => ({ requestId, caseId })),
      on.now,
    )
    return { caseOf, opened: new Map(planned.filter((one) => opened.has(one.caseId)).map((one) => [one.requestId, one])) }
  }

  /** Another transaction opened the tenant's case first; its requests join that one. */
  async #followOthers(tx: Transaction, on: { readonly planned: readonly NewCase[]; readonly caseOf: Map<string, string> }): Promise<void> {
    if (on.planned.length === 0) return
    const theirs = await this.#deps.cases.lock(tx, { tenantKeys: on.planned.flatMap((one) => one.tenantKey ?? []), caseIds: [] })
    for (const mine of on.planned) {
      const other = theirs.find((one) => one.tenantKey === mine.tenantKey)
      if (!other) throw new Error('the case of a tenant could neither be opened nor found')
      for (const [requestId, caseId] of on.caseOf) if (caseId === mine.caseId) on.caseOf.set(requestId, other.caseId)
    }
  }

  async #resolve(tx: Transaction, leaving: readonly Settled[], on: Pick<DecideOn, 'now' | 'answer'>): Promise<MovedCases['resolved']> {
    const last = new Map(leaving.flatMap(({ state }) => (state.openCase ? [[state.openCase.caseId, state] as const] : [])))
    const empty = last.size === 0 ? [] : await this.#deps.cases.empty(tx, [...last.keys()])
    const answered = leaving.flatMap(({ state, people }) => (people.approvedBy === undefined ? [] : [state.openCase?.caseId]))
    const resolutions = empty.map((caseId) => ({
      caseId,
      resolution: on.answer && answered.includes(caseId) ? { resolution: on.answer.outcome, ...on.answer.people } : superseded,
      salt: this.#deps.newSalt(),
    }))
    if (resolutions.length > 0) await this.#deps.cases.resolve(tx, resolutions, on.now)
    return new Map(
      resolutions.flatMap((change) => {
        const state = last.get(change.caseId)
        return state?.openCase ? [[state.requestId, { eventKey: state.openCase.eventKey, change }] as const] : []
      }),
    )
  }
}

/** No request in it ended as officers said. */
const superseded: Resolution = { resolution: 'superseded' }

function newCase(one: Settled, caseId: string, tenantKey: string | undefined): NewCase {
  const subject = one.ask.identity?.subject
  return {
    caseId,
    requestId: one.state.requestId,
    eventKey: one.ask.key,
    reasons: one.final.reasons,
    ...(tenantKey === undefined ? { scope: 'request' } : { scope: 'tenant', tenantKey }),
    ...(subject?.state === 'known' ? { customerId: subject.customerId } : {}),
  }
}
