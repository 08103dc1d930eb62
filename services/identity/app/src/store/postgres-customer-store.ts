import type { CustomerDeclaration } from '@weir/identity-core'
import type { Transaction } from '@weir/persistence'
import { tenantKey, type Customer, type CustomerChanges, type CustomerStore, type Tenant } from '../use-cases/ports.js'

interface CustomerRow {
  readonly customer_id: string
  readonly declaration: CustomerDeclaration
  readonly ownership_digest: string
  readonly revision: number
}

interface TenantRow {
  readonly system: string
  readonly id: string
  readonly customer_id: string
}

export class PostgresCustomerStore implements CustomerStore {
  async holdDeclarations(tx: Transaction): Promise<void> {
    await tx.query('lock table tenant in share row exclusive mode')
  }

  async loadForUpdate(tx: Transaction, customerIds: readonly string[]): Promise<ReadonlyMap<string, Customer>> {
    return await load(tx, { customerIds, lock: 'for update' })
  }

  async ofTenants(tx: Transaction, tenants: readonly Tenant[]): Promise<ReadonlyMap<string, Customer>> {
    if (tenants.length === 0) return new Map()
    const rows = await tx.query<TenantRow>(
      `select t.system, t.id, t.customer_id from unnest($1::text[], $2::text[]) as w(system, id) join tenant t using (system, id)`,
      [tenants.map((tenant) => tenant.system), tenants.map((tenant) => tenant.id)],
    )
    const customers = await load(tx, { customerIds: [...new Set(rows.map((row) => row.customer_id))], lock: 'for share' })
    return new Map(
      rows.flatMap((row) => {
        const customer = customers.get(row.customer_id)
        // Read again behind the lock: a tenant that left in between belongs to nobody.
        const held = customer?.tenants.some((tenant) => tenantKey(tenant) === tenantKey(row)) ?? false
        return customer !== undefined && held ? [[tenantKey(row), customer] as const] : []
      }),
    )
  }

  async save(tx: Transaction, changes: CustomerChanges): Promise<void> {
    const { customers } = changes
    if (customers.length === 0) return
    const ids = customers.map((customer) => customer.customerId)
    const columns = [
      ids,
      customers.map((customer) => JSON.stringify(customer.declaration)),
      customers.map((customer) => customer.ownershipDigest),
      customers.map((customer) => customer.revision),
    ]
    await tx.query(
      `insert into customer (customer_id, declaration, ownership_digest, revision, changed_at)
       select *, $5::timestamptz from unnest($1::text[], $2::json[], $3::text[], $4::integer[])
       on conflict (customer_id) do update set declaration = excluded.declaration, ownership_digest = excluded.ownership_digest,
         revision = excluded.revision, changed_at = excluded.changed_at`,
      [...columns, changes.at],
    )
    await tx.query(
      `insert into customer_revision (customer_id, declaration, ownership_digest, revision, declared_at, declared_by)
       select *, $5::timestamptz, $6 from unnest($1::text[], $2::json[], $3::text[], $4::integer[])`,
      [...columns, changes.at, changes.by],
    )
    await replaceTenants(tx, { ids, customers })
    await tx.query('delete from party_key where customer_id = any($1::text[])', [ids])
    const keys = customers.flatMap(({ customerId, screeningKeys }) => screeningKeys.map((key) => ({ customerId, key })))
    await tx.query('insert into party_key (customer_id, key) select * from unnest($1::text[], $2::text[])', [
      keys.map((row) => row.customerId),
      keys.map((row) => row.key),
    ])
  }
}

async function replaceTenants(
  tx: Transaction,
  changes: { readonly ids: readonly string[]; readonly customers: readonly Customer[] },
): Promise<void> {
  const rows = changes.customers.flatMap((customer) => customer.tenants.map((tenant) => ({ ...tenant, customerId: customer.customerId })))
  const columns = [rows.map((row) => row.system), rows.map((row) => row.id), rows.map((row) => row.customerId)]
  await tx.query('delete from tenant where customer_id = any($1::text[])', [changes.ids])
  // A conflict cannot be anything but a fault here: who may hold a tenant was decided behind `holdDeclarations`.
  await tx.query('insert into tenant (system, id, customer_id) select * from unnest($1::text[], $2::text[], $3::text[])', columns)
}

async function load(
  tx: Transaction,
  wanted: { readonly customerIds: readonly string[]; readonly lock: 'for update' | 'for share' },
): Promise<Map<string, Customer>> {
  if (wanted.customerIds.length === 0) return new Map()
  const rows = await tx.query<CustomerRow>(
    `select customer_id, declaration, ownership_digest, revision from customer
     where customer_id = any($1::text[]) order by customer_id ${wanted.lock}`,
    [wanted.customerIds],
  )
  const tenants = await tx.query<TenantRow>(
    'select system, id, customer_id from tenant where customer_id = any($1::text[]) order by system, id',
    [wanted.customerIds],
  )
  const byCustomer = Map.groupBy(tenants, (tenant) => tenant.customer_id)
  return new Map(
    rows.map((row) => [
      row.customer_id,
      {
        customerId: row.customer_id,
        declaration: row.declaration,
        ownershipDigest: row.ownership_digest,
        revision: row.revision,
        tenants: (byCustomer.get(row.customer_id) ?? []).map(({ system, id }) => ({ system, id })),
      },
    ]),
  )
}
