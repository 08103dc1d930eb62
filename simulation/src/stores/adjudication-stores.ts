import type { License } from '@weir/adjudication-core'
import type { License as Registered } from '@weir/contracts'
import type { Received } from '@weir/messaging'
import type { Transaction } from '@weir/persistence'
import type { Recheck, RecheckStore } from '../../../services/adjudication/app/src/use-cases/decide-held-again.js'
import type {
  AskState,
  Identity,
  LicenseMove,
  LicenseStore,
  NewDecision,
  Requested,
  RequestState,
  RequestStore,
  Reservation,
  Workload,
} from '../../../services/adjudication/app/src/use-cases/ports.js'
import { simulated, Table, type SimTransaction } from '../engine/sim-transaction.js'
import type { CaseTables } from './case-store.js'

interface RequestRow {
  readonly requestId: string
  readonly started: boolean
  readonly endedAsk?: number
}

interface AskRow {
  readonly requestId: string
  readonly ask: number
  readonly requested?: Requested
  readonly key?: string
  readonly cause?: AskState['cause']
  readonly identity?: Identity
  readonly workload?: Workload
  readonly deadline?: number
}

export interface DecisionRow {
  readonly decision: NewDecision
  readonly current: boolean
}

export interface LicenseRow extends License {
  readonly quantity: number
  readonly registeredAt: number
  readonly recheckAfter?: string
}

export interface ReservationRow extends Omit<Reservation, 'state'> {
  readonly requestId: string
  readonly state: LicenseMove['kind']
  readonly moved: number
}

export class AdjudicationTables {
  readonly requests = new Table<RequestRow>()
  /** by request: all its asks */
  readonly asks = new Table<readonly AskRow[]>()
  /** by request: all its revisions */
  readonly decisions = new Table<readonly DecisionRow[]>()
  readonly licenses = new Table<LicenseRow>()
  /** by request */
  readonly reservations = new Table<readonly ReservationRow[]>()
  moves = 0
}

export class SimRequestStore implements RequestStore {
  constructor(
    private readonly tables: AdjudicationTables,
    private readonly cases: CaseTables,
  ) {}

  async lock(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const requestId of [...new Set(requestIds)].sort()) {
      await sim.lock(`request ${requestId}`)
      if (this.tables.requests.get(sim, requestId) === undefined) this.tables.requests.set(sim, requestId, { requestId, started: false })
    }
  }

  async load(tx: Transaction, requestIds: readonly string[], now: Date): Promise<readonly RequestState[]> {
    const sim = simulated(tx)
    await sim.step()
    return [...new Set(requestIds)].flatMap((id) => this.#stateOf(sim, id, now) ?? [])
  }

  async lockOverdue(tx: Transaction, now: Date, limit: number): Promise<readonly string[]> {
    const sim = simulated(tx)
    await sim.step()
    const overdue = this.tables.asks
      .values(sim)
      .filter((asks) => asks.some(({ deadline }) => deadline !== undefined && deadline <= now.getTime()))
      .flatMap(([first]) => (first === undefined ? [] : [first.requestId]))
    return overdue
      .slice(0, limit)
      .filter((requestId) => sim.tryLock(`request ${requestId}`))
      .sort()
  }

  async saveDecisions(tx: Transaction, decisions: readonly NewDecision[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const decision of decisions) {
      const { requestId } = decision
      const before = this.tables.decisions.get(sim, requestId) ?? []
      if (before.some((row) => row.decision.revision === decision.revision)) throw new Error(`revision ${decision.revision} exists`)
      const retired = before.map((row) => ({ ...row, current: false }))
      this.tables.decisions.set(sim, requestId, [...retired, { decision, current: true }])
      const asks = this.tables.asks.get(sim, requestId) ?? []
      this.tables.asks.set(
        sim,
        requestId,
        asks.map((row) => {
          if (row.ask > decision.ask.ask || row.deadline === undefined) return row
          const { deadline: _, ...rest } = row
          return rest
        }),
      )
    }
  }

  #stateOf(sim: SimTransaction, requestId: string, now: Date): RequestState | undefined {
    const row = this.tables.requests.get(sim, requestId)
    if (row === undefined) return undefined
    const newest = (this.tables.asks.get(sim, requestId) ?? []).reduce<AskRow | undefined>(
      (last, one) => (one.requested !== undefined && (last === undefined || one.ask > last.ask) ? one : last),
      undefined,
    )
    const decision = this.tables.decisions.get(sim, requestId)?.find(({ current }) => current)?.decision
    const openCase = decision === undefined ? undefined : this.cases.openOf(sim, requestId)
    return {
      ...row,
      reservations: decision === undefined ? [] : activeOf(this.tables.reservations.get(sim, requestId) ?? []),
      ...(newest === undefined ? {} : { newest: askStateOf(newest, now) }),
      ...(openCase === undefined ? {} : { openCase }),
      ...(decision === undefined
        ? {}
        : {
            current: {
              revision: decision.revision,
              ask: decision.ask.ask,
              late: decision.late,
              machineDigest: decision.machineDigest,
            },
          }),
    }
  }
}

export const activeOf = (rows: readonly ReservationRow[]): Reservation[] =>
  rows
    .toSorted((a, b) => a.moved - b.moved)
    .flatMap(({ reservationId, licenseId, quantity, state }) =>
      state === 'released' ? [] : [{ reservationId, licenseId, quantity, state }],
    )

function askStateOf(row: AskRow, now: Date): AskState {
  const { ask, requested, key = '', cause = { id: '' }, identity, workload, deadline } = row
  if (requested === undefined) throw new Error('an ask without its request')
  const overdue = deadline !== undefined && deadline <= now.getTime()
  return { ask, requested, key, cause, overdue, ...(identity ? { identity } : {}), ...(workload ? { workload } : {}) }
}

type Asked = Received<'weir.provisioning.requested.v1'>
type Assessed = Received<'weir.identity.assessed.v1'> | Received<'weir.identity.reassessed.v1'>
type Classified = Received<'weir.workload.classified.v1'> | Received<'weir.workload.reclassified.v1'>

export class SimFactStore {
  constructor(private readonly tables: AdjudicationTables) {}

  async saveAsks(tx: Transaction, events: readonly Asked[], deadline: Date): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const { id, key, data } of events) {
      const { requestId, ask } = data
      const overtaken = this.tables.decisions.get(sim, requestId)?.some(({ decision }) => decision.ask.ask >= ask) === true
      const waits = overtaken ? {} : { deadline: deadline.getTime() }
      this.#merge(sim, { requestId, ask, requested: data, key, cause: { id }, ...waits })
    }
  }

  async saveIdentity(tx: Transaction, events: readonly Assessed[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const { data } of events) this.#merge(sim, { requestId: data.requestId, ask: data.ask, identity: data })
  }

  async saveWorkload(tx: Transaction, events: readonly Classified[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const { data } of events) this.#merge(sim, { requestId: data.requestId, ask: data.ask, workload: data })
  }

  async markStarted(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const requestId of requestIds) {
      const row = this.tables.requests.get(sim, requestId)
      if (row) this.tables.requests.set(sim, requestId, { ...row, started: true })
    }
  }

  async markEnded(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const requestId of requestIds) {
      const asks = (this.tables.asks.get(sim, requestId) ?? []).filter((row) => row.requested !== undefined)
      const endedAsk = asks.length === 0 ? {} : { endedAsk: Math.max(...asks.map((row) => row.ask)) }
      this.tables.requests.set(sim, requestId, { requestId, started: false, ...endedAsk })
    }
  }

  #merge(sim: SimTransaction, row: AskRow): void {
    const rows = this.tables.asks.get(sim, row.requestId) ?? []
    const before = rows.find(({ ask }) => ask === row.ask)
    const others = rows.filter((one) => one !== before)
    this.tables.asks.set(sim, row.requestId, [...others, { ...before, ...row }])
  }
}

export interface LicenseFaults {
  /** planted: neither the row lock nor the column's check stands in the way */
  readonly balanceUnchecked: boolean
}

export class SimLicenseStore implements LicenseStore {
  constructor(
    private readonly tables: AdjudicationTables,
    private readonly faults: LicenseFaults,
  ) {}

  async lock(
    tx: Transaction,
    of: { readonly customerIds: readonly string[]; readonly licenseIds: readonly string[] },
  ): Promise<readonly License[]> {
    const sim = simulated(tx)
    await sim.step()
    if (of.customerIds.length + of.licenseIds.length === 0) return []
    await sim.lock('table license', 'share')
    const wanted = this.tables.licenses
      .values(sim)
      .filter((row) => of.customerIds.includes(row.customerId) || of.licenseIds.includes(row.licenseId))
      .map((row) => row.licenseId)
      .sort()
    if (!this.faults.balanceUnchecked) await sim.lockAll(wanted.map((id) => `license ${id}`))
    const rows = wanted.flatMap((id) => this.tables.licenses.get(sim, id) ?? [])
    return this.faults.balanceUnchecked ? rows.map((row) => ({ ...row, available: row.quantity })) : rows
  }

  async save(tx: Transaction, moves: readonly LicenseMove[]): Promise<void> {
    const sim = simulated(tx)
    if (moves.length === 0) return
    await sim.step()
    for (const { licenseId, available } of new Map(moves.map((move) => [move.licenseId, move])).values()) {
      const row = this.tables.licenses.get(sim, licenseId)
      if (row === undefined) throw new Error(`no license ${licenseId}`)
      if (!this.faults.balanceUnchecked && (available < 0 || available > row.quantity))
        throw new Error(`license ${licenseId}: ${available}`)
      this.tables.licenses.set(sim, licenseId, { ...row, available })
    }
    for (const { kind, licenseId, reservationId, requestId, quantity } of moves) {
      const others = (this.tables.reservations.get(sim, requestId) ?? []).filter((row) => row.reservationId !== reservationId)
      const moved = this.tables.moves++
      this.tables.reservations.set(sim, requestId, [...others, { licenseId, reservationId, requestId, quantity, state: kind, moved }])
    }
    for (const requestId of new Set(moves.map((move) => move.requestId))) {
      const open = (this.tables.reservations.get(sim, requestId) ?? []).filter((row) => row.state === 'reserved')
      if (open.length > 1) throw new Error(`request ${requestId} has ${open.length} open reservations`)
    }
  }

  async register(tx: Transaction, license: Registered, at: Date): Promise<boolean> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('table license')
    if (this.tables.licenses.get(sim, license.licenseId) !== undefined) return false
    const { quantity, ...rest } = license
    this.tables.licenses.set(sim, license.licenseId, {
      ...rest,
      quantity,
      available: quantity,
      registeredAt: at.getTime(),
      recheckAfter: '',
    })
    return true
  }
}

export class SimRecheckStore implements RecheckStore {
  constructor(private readonly tables: AdjudicationTables) {}

  async next(tx: Transaction, now: Date): Promise<Recheck | undefined> {
    const sim = simulated(tx)
    await sim.step()
    const [row] = this.tables.licenses
      .values(sim)
      .filter(({ recheckAfter, validFrom }) => recheckAfter !== undefined && Date.parse(validFrom) <= now.getTime())
      .sort((a, b) => a.registeredAt - b.registeredAt || (a.licenseId < b.licenseId ? -1 : 1))
    return row && { licenseId: row.licenseId, customerId: row.customerId, after: row.recheckAfter ?? '' }
  }

  async heldOf(tx: Transaction, { customerId, after }: Recheck, limit: number): Promise<readonly string[]> {
    const sim = simulated(tx)
    await sim.step()
    return this.tables.decisions
      .values(sim)
      .flatMap((rows) => rows.filter(({ current }) => current))
      .filter(({ decision }) => decision.verdict.outcome === 'hold' && decision.requestId > after)
      .filter(({ decision }) => {
        const ask = this.tables.asks.get(sim, decision.requestId)?.find((row) => row.ask === decision.ask.ask)
        return ask?.identity?.subject.state === 'known' && ask.identity.subject.customerId === customerId
      })
      .map(({ decision }) => decision.requestId)
      .sort()
      .slice(0, limit)
  }

  async advance(tx: Transaction, { licenseId, after }: Recheck, to: string | undefined): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock(`license ${licenseId}`)
    const row = this.tables.licenses.get(sim, licenseId)
    if (row?.recheckAfter !== after) return
    const { recheckAfter: _, ...rest } = row
    this.tables.licenses.set(sim, licenseId, to === undefined ? rest : { ...rest, recheckAfter: to })
  }
}
