import type { TenantRef } from '@weir/contracts'
import type { Transaction } from '@weir/persistence'
import { tenantKey, type TenantStore } from '../use-cases/ports.js'

export class PostgresTenantStore implements TenantStore {
  async lock(tx: Transaction, tenants: readonly TenantRef[], how: 'asking' | 'learning'): Promise<void> {
    if (tenants.length === 0) return
    const lock = how === 'asking' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock'
    await tx.query(`select ${lock}(hashtextextended(tenant, 2)) from unnest($1::text[]) with ordinality as t (tenant, n) order by n`, [
      [...new Set(tenants.map(tenantKey))].sort(),
    ])
  }

  async customersOf(tx: Transaction, tenants: readonly TenantRef[]): Promise<ReadonlyMap<string, string>> {
    if (tenants.length === 0) return new Map()
    const rows = await tx.query<{ system: string; id: string; customer_id: string }>(
      `select c.system, c.id, c.customer_id from tenant_customer c
       join (select distinct * from unnest($1::text[], $2::text[])) as t (system, id) using (system, id)`,
      [tenants.map((t) => t.system), tenants.map((t) => t.id)],
    )
    return new Map(rows.map((row) => [tenantKey(row), row.customer_id]))
  }

  async replace(
    tx: Transaction,
    { customerId, tenants }: { readonly customerId: string; readonly tenants: readonly TenantRef[] },
  ): Promise<void> {
    await tx.query('delete from tenant_customer where customer_id = $1', [customerId])
    await tx.query(
      `insert into tenant_customer (system, id, customer_id) select distinct system, id, $3 from unnest($1::text[], $2::text[]) as t (system, id)
       on conflict (system, id) do update set customer_id = excluded.customer_id`,
      [tenants.map((t) => t.system), tenants.map((t) => t.id), customerId],
    )
  }
}
