import type { Transaction } from '@weir/persistence'
import type { DecideDeps } from './settled.js'
import { LicenseBook } from './license-book.js'
import type { Cause, Change } from './ports.js'

/** What the platform reports about acts: used becomes final, unused goes back into the balance. */
export class EndActs {
  readonly #deps: Pick<DecideDeps, 'requests' | 'licenses' | 'newId'>

  constructor(deps: Pick<DecideDeps, 'requests' | 'licenses' | 'newId'>) {
    this.#deps = deps
  }

  /** Contract: this transaction has locked the requests. */
  async run(
    tx: Transaction,
    told: ReadonlyMap<string, { readonly key: string; readonly cause: Cause }>,
    on: { readonly how: 'consumed' | 'released'; readonly now: Date },
  ): Promise<readonly Change[]> {
    const { requests, licenses, newId } = this.#deps
    const states = await requests.load(tx, [...told.keys()], on.now)
    const licenseIds = [...new Set(states.flatMap((state) => state.reservations.map((held) => held.licenseId)))]
    const book = new LicenseBook(await licenses.lock(tx, { customerIds: [], licenseIds }), newId)
    const changes = states.flatMap((state) => {
      const source = told.get(state.requestId)
      const moves = source ? book.end(state, on.how) : []
      return source ? moves.map((move): Change => ({ ...source, kind: 'license-moved', move })) : []
    })
    await licenses.save(tx, book.moves, on.now)
    return changes
  }
}
