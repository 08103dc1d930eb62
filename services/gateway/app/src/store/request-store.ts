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
       on conflict (id) do update set customer_id = excluded.customer_id, key = excluded.key, ask = excluded.ask, request = excluded.request`,
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
       join unnest($1::text[], $2::text[]) as t (system, id) on r.tenant_system = t.system and r.tenant_id = t.id
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

  async byResources(tx: Transaction, resourceIds: readonly string[]): Promise<StoredRequest[]> {
    const rows = await tx.query<RequestRow>(
      `select ${columns} from provisioning_request r
       where r.id in (select request_id from request_resource where resource_id = any($1)) order by r.received_at, r.id`,
      [resourceIds],
    )
    return rows.map(stored)
  }
}
