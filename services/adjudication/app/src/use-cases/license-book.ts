import type { License, LicenseDraw } from '@weir/adjudication-core'
import type { LicenseMove, RequestState } from './ports.js'

export interface Drawn {
  readonly licenseId: string
  readonly reservationId: string
  readonly quantity: number
}

/** Locked licenses and what a unit of work does with their balances, one request after the other. */
export class LicenseBook {
  readonly #licenses: Map<string, License>
  readonly #newId: () => string
  readonly #moves: LicenseMove[] = []

  constructor(licenses: readonly License[], newId: () => string) {
    this.#licenses = new Map(licenses.map((license) => [license.licenseId, license]))
    this.#newId = newId
  }

  get licenses(): readonly License[] {
    return [...this.#licenses.values()]
  }

  get moves(): readonly LicenseMove[] {
    return this.#moves
  }

  /**
   * Makes the reservation of a request what its decision wants; undefined wants none. What is consumed stays consumed and
   * counts towards what is wanted.
   */
  settle(state: RequestState, draw: LicenseDraw | undefined): { readonly moves: readonly LicenseMove[]; readonly drawn?: Drawn } {
    const before = this.#moves.length
    const reserved = state.reservations.find((held) => held.state === 'reserved')
    const used = state.reservations.filter((held) => held.state === 'consumed' && held.licenseId === draw?.licenseId)
    const wanted = draw ? draw.quantity - used.reduce((sum, held) => sum + held.quantity, 0) : 0
    if (draw && reserved?.licenseId === draw.licenseId && reserved.quantity === wanted) return { moves: [], drawn: drawnOf(reserved) }
    if (reserved) this.#move('released', state.requestId, reserved)
    const [inUse] = used
    if (!draw || wanted <= 0) return { moves: this.#moves.slice(before), ...(inUse ? { drawn: drawnOf(inUse) } : {}) }
    const fresh = { licenseId: draw.licenseId, reservationId: this.#newId(), quantity: wanted }
    this.#move('reserved', state.requestId, fresh)
    if (state.started) this.#move('consumed', state.requestId, fresh)
    // The act was over before it was decided; nothing will ever report its end again.
    else if (hasEnded(state)) this.#move('released', state.requestId, fresh)
    return { moves: this.#moves.slice(before), drawn: fresh }
  }

  /** The platform's word about the act: what is reserved becomes used, or free. */
  end(state: RequestState, how: 'consumed' | 'released'): readonly LicenseMove[] {
    const before = this.#moves.length
    for (const held of state.reservations) if (held.state === 'reserved') this.#move(how, state.requestId, held)
    return this.#moves.slice(before)
  }

  #move(kind: LicenseMove['kind'], requestId: string, held: Drawn): void {
    const license = this.#licenses.get(held.licenseId)
    if (!license) throw new Error(`license ${held.licenseId} was moved without being locked`)
    const change = { reserved: -held.quantity, released: held.quantity, consumed: 0 }[kind]
    const available = license.available + change
    this.#licenses.set(held.licenseId, { ...license, available })
    this.#moves.push({ kind, requestId, ...drawnOf(held), available })
  }
}

const hasEnded = ({ endedAsk, newest }: RequestState): boolean => endedAsk !== undefined && newest !== undefined && endedAsk >= newest.ask

const drawnOf = ({ licenseId, reservationId, quantity }: Drawn): Drawn => ({ licenseId, reservationId, quantity })
