import type { Transaction } from '@weir/persistence'
import type { AnswerStore, Revision, RevisionPart } from '../use-cases/ports.js'

interface RevisionRow {
  readonly request_id: string
  readonly revision: number
  readonly key: string
  readonly decision: NonNullable<Revision['decision']> | null
  readonly entry: string | null
  readonly receipt: string | null
  readonly entry_index: string | null
  readonly answered_at: Date | null
}

export class PostgresAnswerStore implements AnswerStore {
  async merge(tx: Transaction, parts: readonly RevisionPart[]): Promise<Revision[]> {
    if (parts.length === 0) return []
    const rows = await tx.query<RevisionRow>(
      `insert into revision as r (request_id, revision, key, decision, entry, receipt, entry_index)
       select * from unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::bigint[])
       on conflict (request_id, revision) do update set
         decision = case when r.answered_at is null then coalesce(excluded.decision, r.decision) else r.decision end,
         entry = case when r.answered_at is null then coalesce(excluded.entry, r.entry) else r.entry end,
         receipt = case when r.answered_at is null then coalesce(excluded.receipt, r.receipt) else r.receipt end,
         entry_index = case when r.answered_at is null then coalesce(excluded.entry_index, r.entry_index) else r.entry_index end
       returning r.request_id, r.revision, r.key, r.decision, r.entry, r.receipt, r.entry_index, r.answered_at`,
      [
        parts.map((part) => part.requestId),
        parts.map((part) => part.revision),
        parts.map((part) => part.key),
        parts.map((part) => (part.decision ? JSON.stringify(part.decision) : null)),
        parts.map((part) => part.record?.entry ?? null),
        parts.map((part) => part.record?.receipt ?? null),
        parts.map((part) => part.record?.index ?? null),
      ],
    )
    return rows.map((row) => ({
      requestId: row.request_id,
      revision: row.revision,
      key: row.key,
      ...(row.decision === null ? {} : { decision: row.decision }),
      ...(row.entry === null || row.receipt === null
        ? {}
        : { record: { entry: row.entry, receipt: row.receipt, index: Number(row.entry_index) } }),
      answered: row.answered_at !== null,
    }))
  }

  async markAnswered(tx: Transaction, revisions: readonly Revision[]): Promise<readonly (number | undefined)[]> {
    if (revisions.length === 0) return []
    const rows = await tx.query<{ n: string; seconds: number | null }>(
      `update revision r set answered_at = now()
       from unnest($1::uuid[], $2::int[]) with ordinality as d (request_id, revision, n) left join provisioning_request q on q.id = d.request_id
       where r.request_id = d.request_id and r.revision = d.revision
       returning d.n, extract(epoch from clock_timestamp() - q.received_at)::float8 as seconds`,
      [revisions.map((r) => r.requestId), revisions.map((r) => r.revision)],
    )
    const seconds = new Map(rows.map((row) => [Number(row.n), row.seconds ?? undefined]))
    return revisions.map((_revision, place) => seconds.get(place + 1))
  }
}
