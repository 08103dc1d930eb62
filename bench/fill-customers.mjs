import { asAdministrator } from './installation.mjs'
import { idOf, tenantOf } from './customers.mjs'

/** The rows that an import would write for customers `from` up to and without `to`, made from those of customer 0. */
export async function fillCustomers(weir, { from, to }) {
  const range = [from, to - 1]
  await asAdministrator(weir, 'weir', async (client) => {
    const as = (column) => `replace(replace(t.${column}::text, '${idOf(0)}', '${idOf('')}' || n), ' 0"', ' ' || n || '"')`
    const from0 = (table) => `from ${table} t, generate_series($1::bigint, $2::bigint) n where t.customer_id = '${idOf(0)}'`
    await client.query('begin')
    await client.query(
      `insert into identity.customer (customer_id, declaration, ownership_digest, revision, changed_at)
       select '${idOf('')}' || n, ${as('declaration')}::json, t.ownership_digest, 1, t.changed_at ${from0('identity.customer')}`,
      range,
    )
    await client.query(
      `insert into identity.customer_revision (customer_id, declaration, ownership_digest, revision, declared_at, declared_by)
       select '${idOf('')}' || n, ${as('declaration')}::json, t.ownership_digest, 1, t.declared_at, t.declared_by
       ${from0('identity.customer_revision')}`,
      range,
    )
    for (const table of ['identity.tenant', 'gateway.tenant_customer']) {
      await client.query(
        `insert into ${table} (system, id, customer_id) select '${tenantOf(0).system}', '${idOf('')}' || n, '${idOf('')}' || n
         from generate_series($1::bigint, $2::bigint) n`,
        range,
      )
    }
    await client.query(
      `insert into identity.party_key (customer_id, key) select '${idOf('')}' || n, regexp_replace(t.key, '0$', n::text)
       ${from0('identity.party_key')}`,
      range,
    )
    await client.query('commit')
    await client.query('analyze')
  })
}
