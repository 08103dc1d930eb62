import type { Transaction } from '@weir/persistence'
import type { NewDecision, OpenCase, RequestState, RequestStore, Requested, Reservation } from '../use-cases/ports.js'
import { openCaseOf, type CaseRow } from './sql-case-store.js'

interface StateRow {
  readonly request_id: string
  readonly started: boolean
  readonly ended_ask: number | null
  readonly ask: number | null
  readonly requested: Requested | null
  readonly event_key: string
  readonly cause_id: string
  readonly traceparent: string | null
  readonly identity: NonNullable<RequestState['newest']>['identity'] | null
  readonly workload: NonNullable<RequestState['newest']>['workload'] | null
  readonly overdue: boolean | null
  readonly revision: number | null
  readonly decided_ask: number
  readonly late: boolean
  readonly machine_digest: string
}

interface Beside {
  readonly reservations: ReadonlyMap<string, readonly Reservation[]>
  readonly cases: ReadonlyMap<string, OpenCase>
}

export class SqlRequestStore implements RequestStore {
  async lock(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    if (requestIds.length > 0) await tx.query(LOCK, [[...new Set(requestIds)]])
  }

  async load(tx: Transaction, requestIds: readonly string[], now: Date): Promise<readonly RequestState[]> {
    if (requestIds.length === 0) return []
    const rows = await tx.query<StateRow>(LOAD, [[...new Set(requestIds)], now])
    const decided = rows.filter((row) => row.revision !== null).map((row) => row.request_id)
    const beside = decided.length === 0 ? { reservations: new Map(), cases: new Map() } : await this.#beside(tx, decided)
    const byId = new Map(rows.map((row) => [row.request_id, stateOf(row, beside)]))
    return [...new Set(requestIds)].flatMap((id) => byId.get(id) ?? [])
  }

  async lockOverdue(tx: Transaction, now: Date, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ request_id: string }>(LOCK_OVERDUE, [now, limit])
    return rows.map((row) => row.request_id).sort()
  }

  async saveDecisions(tx: Transaction, decisions: readonly NewDecision[], now: Date): Promise<void> {
    if (decisions.length === 0) return
    const ids = decisions.map((one) => one.requestId)
    const again = decisions.filter((one) => one.revision > 1).map((one) => one.requestId)
    if (again.length > 0) await tx.query(RETIRE, [again])
    await tx.query(INSERT_DECISIONS, [
      ids,
      decisions.map((one) => one.revision),
      decisions.map((one) => one.ask.ask),
      decisions.map((one) => one.verdict.outcome),
      decisions.map((one) => one.late),
      decisions.map((one) => one.machineDigest),
      decisions.map((one) => JSON.stringify(one.verdict)),
      decisions.map((one) => JSON.stringify(one.people)),
      decisions.map((one) => JSON.stringify(one.pins)),
      now,
    ])
    await tx.query(STOP_WAITING, [ids, decisions.map((one) => one.ask.ask)])
  }

  async #beside(tx: Transaction, requestIds: readonly string[]): Promise<Beside> {
    const held = await tx.query<{
      request_id: string
      reservation_id: string
      license_id: string
      quantity: string
      state: Reservation['state']
    }>(RESERVATIONS, [requestIds])
    const reservations = new Map<string, Reservation[]>()
    for (const row of held) {
      const one = { reservationId: row.reservation_id, licenseId: row.license_id, quantity: Number(row.quantity), state: row.state }
      reservations.set(row.request_id, [...(reservations.get(row.request_id) ?? []), one])
    }
    const cases = await tx.query<CaseRow & { member: string }>(CASES, [requestIds])
    return { reservations, cases: new Map(cases.map((row) => [row.member, openCaseOf(row)])) }
  }
}

function stateOf(row: StateRow, beside: Beside): RequestState {
  const openCase = beside.cases.get(row.request_id)
  return {
    requestId: row.request_id,
    started: row.started,
    reservations: beside.reservations.get(row.request_id) ?? [],
    ...(row.ended_ask === null ? {} : { endedAsk: row.ended_ask }),
    ...(openCase ? { openCase } : {}),
    ...(row.revision === null
      ? {}
      : { current: { revision: row.revision, ask: row.decided_ask, late: row.late, machineDigest: row.machine_digest } }),
    ...(row.ask === null || row.requested === null
      ? {}
      : {
          newest: {
            ask: row.ask,
            requested: row.requested,
            key: row.event_key,
            cause: { id: row.cause_id, traceparent: row.traceparent ?? undefined },
            overdue: row.overdue === true,
            ...(row.identity ? { identity: row.identity } : {}),
            ...(row.workload ? { workload: row.workload } : {}),
          },
        }),
  }
}

// an update that changes nothing, for its lock; sorted, so that two units of work never wait for each other
const LOCK = `
  insert into request (request_id)
  select id from unnest($1::uuid[]) as given (id) order by id
  on conflict (request_id) do update set started = request.started`

const LOAD = `
  select request.request_id, request.started, request.ended_ask,
    newest.ask, newest.requested, newest.event_key, newest.cause_id, newest.traceparent, newest.identity, newest.workload,
    newest.deadline <= $2 as overdue,
    decision.revision, decision.ask as decided_ask, decision.late, decision.machine_digest
  from request
  left join lateral (
    select * from request_ask where request_ask.request_id = request.request_id and requested is not null order by ask desc limit 1
  ) as newest on true
  left join decision on decision.request_id = request.request_id and decision.current
  where request.request_id = any ($1::uuid[])`

const LOCK_OVERDUE = `
  select request.request_id from request
  where request.request_id in (
    select request_id from request_ask where deadline <= $1 order by deadline limit $2
  )
  for update skip locked`

const RETIRE = `update decision set current = false where request_id = any ($1::uuid[]) and current`

const INSERT_DECISIONS = `
  insert into decision (request_id, revision, ask, current, outcome, late, machine_digest, verdict, people, pins, decided_at)
  select request_id, revision, ask, true, outcome, late, digest, verdict, people, pins, $10
  from unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::boolean[], $6::text[], $7::jsonb[], $8::jsonb[], $9::jsonb[])
    as new (request_id, revision, ask, outcome, late, digest, verdict, people, pins)`

// isfinite: not null, in words that keep the planner off the index of the waiting ones, which is full of entries just ended
const STOP_WAITING = `
  update request_ask set deadline = null
  from unnest($1::uuid[], $2::int[]) as decided (request_id, ask)
  where request_ask.request_id = decided.request_id and request_ask.ask <= decided.ask and isfinite(deadline)`

const RESERVATIONS = `
  select request_id, reservation_id, license_id, quantity, state from reservation
  where request_id = any ($1::uuid[]) and state in ('reserved', 'consumed')
  order by moved_at, reservation_id`

const CASES = `
  select case_request.request_id as member, officer_case.case_id, officer_case.scope, officer_case.tenant_key, officer_case.event_key,
    officer_case.proposal
  from case_request join officer_case using (case_id)
  where case_request.request_id = any ($1::uuid[]) and case_request.left_at is null and officer_case.state = 'open'`
