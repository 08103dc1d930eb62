import type { Received } from '@weir/messaging'
import type { Transaction } from '@weir/persistence'

type Asked = Received<'weir.provisioning.requested.v1'>
type Assessed = Received<'weir.identity.assessed.v1'> | Received<'weir.identity.reassessed.v1'>
type Classified = Received<'weir.workload.classified.v1'> | Received<'weir.workload.reclassified.v1'>

/** Saves what events bring, under (request, ask). The requests are locked by then. */
export class SqlFactStore {
  async saveAsks(tx: Transaction, events: readonly Asked[], deadline: Date): Promise<void> {
    const last = lastOf(events)
    await tx.query(SAVE_ASKS, [
      last.map((event) => event.data.requestId),
      last.map((event) => event.data.ask),
      last.map((event) => JSON.stringify(event.data)),
      last.map((event) => event.key),
      last.map((event) => event.id),
      last.map((event) => event.traceparent ?? null),
      deadline,
    ])
    const sameAct = last.filter((event) => event.data.because === 'tenant-known')
    if (sameAct.length > 0)
      await tx.query(STAY_ENDED, [sameAct.map((event) => event.data.requestId), sameAct.map((event) => event.data.ask)])
  }

  async saveIdentity(tx: Transaction, events: readonly Assessed[]): Promise<void> {
    await this.#save(tx, lastOf(events), 'identity')
  }

  async saveWorkload(tx: Transaction, events: readonly Classified[]): Promise<void> {
    await this.#save(tx, lastOf(events), 'workload')
  }

  async markStarted(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    await tx.query('update request set started = true where request_id = any ($1::uuid[])', [requestIds])
  }

  /** The newest ask is over: it failed, or its machines were given back. */
  async markEnded(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    await tx.query(MARK_ENDED, [requestIds])
  }

  async #save(tx: Transaction, events: readonly (Assessed | Classified)[], column: 'identity' | 'workload'): Promise<void> {
    await tx.query(
      `insert into request_ask (request_id, ask, ${column})
       select * from unnest($1::uuid[], $2::int[], $3::jsonb[])
       on conflict (request_id, ask) do update set ${column} = excluded.${column}`,
      [
        events.map((event) => event.data.requestId),
        events.map((event) => event.data.ask),
        events.map((event) => JSON.stringify(event.data)),
      ],
    )
  }
}

/** One statement cannot write a row twice; the later event counts. */
const lastOf = <E extends { readonly data: { readonly requestId: string; readonly ask: number } }>(events: readonly E[]): readonly E[] => [
  ...new Map(events.map((event) => [`${event.data.requestId} ${event.data.ask}`, event])).values(),
]

// An ask that a later one has overtaken on another partition waits for nothing: nobody would ever end its waiting.
const SAVE_ASKS = `
  insert into request_ask (request_id, ask, requested, event_key, cause_id, traceparent, deadline)
  select request_id, ask, requested, event_key, cause_id, traceparent,
    case when exists (select from decision where decision.request_id = new.request_id and decision.ask >= new.ask) then null else $7::timestamptz end
  from unnest($1::uuid[], $2::int[], $3::jsonb[], $4::text[], $5::text[], $6::text[])
    as new (request_id, ask, requested, event_key, cause_id, traceparent)
  on conflict (request_id, ask) do update set
    requested = excluded.requested, event_key = excluded.event_key, cause_id = excluded.cause_id,
    traceparent = excluded.traceparent, deadline = excluded.deadline`

// Whose tenant it was is asked again about the same act; if that was over, it still is.
const STAY_ENDED = `
  update request set ended_ask = new.ask
  from unnest($1::uuid[], $2::int[]) as new (request_id, ask)
  where request.request_id = new.request_id and request.ended_ask = new.ask - 1`

const MARK_ENDED = `
  update request set started = false,
    ended_ask = (select max(ask) from request_ask where request_ask.request_id = request.request_id and requested is not null)
  where request_id = any ($1::uuid[])`
