import type { CanonicalRequest, TenantRef } from '@weir/contracts'
import type { Transaction } from '@weir/persistence'
import type { RequestStore, StoredRequest } from '../use-cases/ports.js'

interface RequestRow {
  readonly id: string
  readonly act_key: string
  readonly fingerprint: string
  readonly customer_id: string | null
  readonly key: string
  readonly ask: number
  readonly received_at: Date
  readonly request: CanonicalRequest
}

const columns = 'r.id, r.act_key, r.fingerprint, r.customer_id, r.key, r.ask, r.received_at, r.request'

const stored = (row: RequestRow): StoredRequest => ({
  id: row.id,
  actKey: row.act_key,
  fingerprint: row.fingerprint,
  customerId: row.customer_id ?? undefined,
  key: row.key,
  ask: row.ask,
  receivedAt: row.received_at.toISOString(),
  request: row.request,
})

export class PostgresRequestStore implements RequestStore {
  async lockActs(tx: Transaction, actKeys: readonly string[]): Promise<void> {
    await tx.query(
      'select pg_advisory_xact_lock(hashtextextended(act, 1)) from unnest($1::text[]) with ordinality as a (act, n) order by n',
      [actKeys],
    )
  }

  async byActs(tx: Transaction, actKeys: readonly string[]): Promise<StoredRequest[]> {
    const rows = await tx.query<RequestRow>(`select ${columns} from provisioning_request r where act_key = any($1) for update`, [actKeys])
    return rows.map(stored)
  }

  async save(tx: Transaction, requests: readonly StoredRequest[]): Promise<void> {
    if (requests.length === 0) return
    await tx.query(
      `insert into provisioning_request (id, act_key, fingerprint, tenant_system, tenant_id, customer_id, key, ask, received_at, request)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::timestamptz[], $10::jsonb[])
       on conflict (id) do update set tenant_system = excluded.tenant_system, tenant_id = excluded.tenant_id, customer_id = excluded.customer_id, key = excluded.key, ask = excluded.ask, request = excluded.request`,
      [
        requests.map((r) => r.id),
        requests.map((r) => r.actKey),
        requests.map((r) => r.fingerprint),
        requests.map((r) => r.request.tenantRef?.system ?? null),
        requests.map((r) => r.request.tenantRef?.id ?? null),
        requests.map((r) => r.customerId ?? null),
        requests.map((r) => r.key),
        requests.map((r) => r.ask),
        requests.map((r) => r.receivedAt),
        requests.map((r) => JSON.stringify(r.request)),
      ],
    )
  }

  async ofUnknownTenants(tx: Transaction, tenants: readonly TenantRef[]): Promise<StoredRequest[]> {
    if (tenants.length === 0) return []
    const rows = await tx.query<RequestRow>(
      `select ${columns} from provisioning_request r
       join (select distinct * from unnest($1::text[], $2::text[])) as t (system, id) on r.tenant_system = t.system and r.tenant_id = t.id
       where r.customer_id is null order by r.received_at, r.id for update of r`,
      [tenants.map((t) => t.system), tenants.map((t) => t.id)],
    )
    return rows.map(stored)
  }

  async linkResources(tx: Transaction, links: readonly { resourceId: string; requestId: string }[]): Promise<void> {
    await tx.query(
      'insert into request_resource (resource_id, request_id) select * from unnest($1::text[], $2::uuid[]) on conflict do nothing',
      [links.map((link) => link.resourceId), links.map((link) => link.requestId)],
    )
  }

  async giveBack(
    tx: Transaction,
    resourceIds: readonly string[],
  ): Promise<{ readonly stored: StoredRequest; readonly resourceId: string }[]> {
    // Behind the requests' locks, so that of two releases at once the later one sees that nothing is left.
    await tx.query(
      `select r.id from provisioning_request r where r.id in (select request_id from request_resource where resource_id = any($1))
       order by r.id for update`,
      [resourceIds],
    )
    const given = await tx.query<{ request_id: string; resource_id: string }>(
      'update request_resource set given_back = true where resource_id = any($1) and not given_back returning request_id, resource_id',
      [resourceIds],
    )
    const last = new Map(given.map((row) => [row.request_id, row.resource_id]))
    const rows = await tx.query<RequestRow>(
      `select ${columns} from provisioning_request r where r.id = any($1)
       and not exists (select from request_resource g where g.request_id = r.id and not g.given_back) order by r.received_at, r.id`,
      [[...last.keys()]],
    )
    return rows.map((row) => ({ stored: stored(row), resourceId: last.get(row.id) ?? '' }))
  }
}
