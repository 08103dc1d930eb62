import type { Transaction } from '@weir/persistence'
import type { AskScope, AskStore, AssessedAsk, StoredAsk } from '../use-cases/ports.js'

interface AskRow {
  readonly request_id: string
  readonly ask: number
  readonly key: string
  readonly tenant_system: string | null
  readonly tenant_id: string | null
  readonly content_digest: string
}

export class PostgresAskStore implements AskStore {
  async save(tx: Transaction, { assessed, at }: { readonly assessed: readonly AssessedAsk[]; readonly at: Date }): Promise<void> {
    if (assessed.length === 0) return
    await tx.query(
      `insert into ask (request_id, ask, key, tenant_system, tenant_id, customer_id, content_digest, assessment, asked_at, assessed_at)
       select *, $9::timestamptz, $9::timestamptz
       from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::json[])
       on conflict (request_id) do update set ask = excluded.ask, key = excluded.key, tenant_system = excluded.tenant_system,
         tenant_id = excluded.tenant_id, customer_id = excluded.customer_id, content_digest = excluded.content_digest,
         assessment = excluded.assessment, assessed_at = excluded.assessed_at
       where ask.ask <= excluded.ask`,
      [
        assessed.map((ask) => ask.requestId),
        assessed.map((ask) => ask.ask),
        assessed.map((ask) => ask.key),
        assessed.map((ask) => ask.tenant?.system ?? null),
        assessed.map((ask) => ask.tenant?.id ?? null),
        assessed.map((ask) => ask.customerId ?? null),
        assessed.map((ask) => ask.contentDigest),
        assessed.map((ask) => JSON.stringify(ask.assessment)),
        at,
      ],
    )
  }

  async page(tx: Transaction, page: AskScope & { readonly after: string | undefined; readonly limit: number }): Promise<StoredAsk[]> {
    const rows = await tx.query<AskRow>(
      `select request_id, ask, key, tenant_system, tenant_id, content_digest from ask
       where ($1::text[] is null or customer_id = any($1::text[])
           or (tenant_system, tenant_id) in (select * from unnest($2::text[], $3::text[])))
         and ($4::uuid is null or request_id > $4::uuid)
       order by request_id limit $5`,
      [
        page.customers === 'all' ? null : page.customers,
        page.tenants.map((tenant) => tenant.system),
        page.tenants.map((tenant) => tenant.id),
        page.after ?? null,
        page.limit,
      ],
    )
    return rows.map((row) => ({
      requestId: row.request_id,
      ask: row.ask,
      key: row.key,
      tenant: row.tenant_system === null || row.tenant_id === null ? undefined : { system: row.tenant_system, id: row.tenant_id },
      contentDigest: row.content_digest,
    }))
  }
}
