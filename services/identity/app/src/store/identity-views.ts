import type { CustomerDeclaration } from '@weir/identity-core'
import type { Database } from '@weir/persistence'
import type { Tenant } from '../use-cases/ports.js'

export interface CustomerView {
  readonly customerId: string
  readonly declaration: CustomerDeclaration
  readonly ownershipDigest: string
  readonly revision: number
  readonly changedAt: string
  readonly tenants: readonly Tenant[]
}

export interface ListView {
  readonly digest: string
  readonly title: string
  readonly entries: number
  readonly activatedAt: string
  readonly activatedBy: string
  readonly active: boolean
}

export interface TenantGap {
  readonly system: string
  readonly id: string
  readonly requests: number
  readonly firstAskedAt: string
  readonly lastAskedAt: string
}

interface CustomerRow {
  readonly customer_id: string
  readonly declaration: CustomerDeclaration
  readonly ownership_digest: string
  readonly revision: number
  readonly changed_at: Date
  readonly tenants: readonly Tenant[]
}

const customerSql = `select c.*, coalesce((select json_agg(json_build_object('system', t.system, 'id', t.id) order by t.system, t.id)
  from tenant t where t.customer_id = c.customer_id), '[]') as tenants from customer c`

/** Reads for people, outside any transaction. */
export class IdentityViews {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async customers(page: { readonly after: string; readonly limit: number }): Promise<CustomerView[]> {
    const rows = await this.#database.query<CustomerRow>(`${customerSql} where customer_id > $1 order by customer_id limit $2`, [
      page.after,
      page.limit,
    ])
    return rows.map(viewOf)
  }

  async customer(customerId: string): Promise<CustomerView | undefined> {
    const [row] = await this.#database.query<CustomerRow>(`${customerSql} where customer_id = $1`, [customerId])
    return row === undefined ? undefined : viewOf(row)
  }

  async lists(limit: number): Promise<ListView[]> {
    const rows = await this.#database.query<Omit<ListView, 'activatedAt'> & { readonly activated_at: Date; readonly activated_by: string }>(
      `select l.digest, l.title, l.entries, l.activated_at, l.activated_by, (l.list_id = s.active_list) is true as active
       from screening_list l cross join identity_state s order by l.activated_at desc, l.list_id desc limit $1`,
      [limit],
    )
    return rows.map(({ digest, title, entries, active, activated_at, activated_by }) => ({
      digest,
      title,
      entries,
      activatedAt: activated_at.toISOString(),
      activatedBy: activated_by,
      active,
    }))
  }

  /** Tenants that asked and that nobody has registered since; the most asked first. */
  async tenantGaps(limit: number): Promise<TenantGap[]> {
    const rows = await this.#database.query<{ system: string; id: string; requests: number; first: Date; last: Date }>(
      `select a.tenant_system as system, a.tenant_id as id, count(*)::integer as requests, min(a.asked_at) as first, max(a.asked_at) as last
       from ask a left join tenant t on t.system = a.tenant_system and t.id = a.tenant_id
       where a.customer_id is null and a.tenant_system is not null and t.system is null
       group by 1, 2 order by requests desc, 1, 2 limit $1`,
      [limit],
    )
    return rows.map(({ system, id, requests, first, last }) => ({
      system,
      id,
      requests,
      firstAskedAt: first.toISOString(),
      lastAskedAt: last.toISOString(),
    }))
  }
}

const viewOf = (row: CustomerRow): CustomerView => ({
  customerId: row.customer_id,
  declaration: row.declaration,
  ownershipDigest: row.ownership_digest,
  revision: row.revision,
  changedAt: row.changed_at.toISOString(),
  tenants: row.tenants,
})
