import type { Transaction } from '@weir/persistence'
import type { DecideRequests } from './decide-requests.js'
import type { Change, RequestStore } from './ports.js'

export interface Recheck {
  readonly licenseId: string
  readonly customerId: string
  /** the held requests up to this id were looked at */
  readonly after: string
}

export interface RecheckStore {
  /** The oldest valid license whose customer's held requests were not all decided again. */
  next(tx: Transaction, now: Date): Promise<Recheck | undefined>
  /** Ids of held requests, ascending. */
  heldOf(tx: Transaction, recheck: Recheck, limit: number): Promise<readonly string[]>
  /** Contract: does nothing where somebody else has moved on already. */
  advance(tx: Transaction, recheck: Recheck, to: string | undefined): Promise<void>
}

export interface DecideHeldAgainDeps {
  readonly requests: Pick<RequestStore, 'lock' | 'load'>
  readonly rechecks: RecheckStore
  readonly decide: DecideRequests
}

/**
 * What was held is decided again with a new license, once that is valid; some requests at a time. Only open holds: a denial was
 * answered and acted upon, and balance must not go to a request that nobody waits for; who was denied asks again.
 */
export class DecideHeldAgain {
  readonly #deps: DecideHeldAgainDeps

  constructor(deps: DecideHeldAgainDeps) {
    this.#deps = deps
  }

  /** undefined: there is nothing to look at */
  async run(tx: Transaction, on: { readonly now: Date; readonly limit: number }): Promise<readonly Change[] | undefined> {
    const { requests, rechecks, decide } = this.#deps
    const recheck = await rechecks.next(tx, on.now)
    if (!recheck) return undefined
    const found = await rechecks.heldOf(tx, recheck, on.limit)
    await requests.lock(tx, found)
    // Officers may have ended a case before the lock.
    const held = (await requests.load(tx, found, on.now)).filter((state) => state.openCase).map((state) => state.requestId)
    const causes = new Map(held.map((requestId) => [requestId, { id: `license/${recheck.licenseId}/${requestId}` }]))
    const changes = await decide.run(tx, held, { now: on.now, causes })
    await rechecks.advance(tx, recheck, found.length < on.limit ? undefined : found.at(-1))
    return changes
  }
}
