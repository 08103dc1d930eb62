import type { DecisionMade, EntryRecorded } from '@weir/contracts'
import type { ProvenDecision } from '@weir/reports-core'
import type { Transaction } from '@weir/persistence'

interface Row {
  readonly request_id: string
  readonly revision: number
  readonly decided_at: Date
  readonly sections: ProvenDecision['sections']
  readonly entry: string
  readonly receipt: string
  readonly index: string
  readonly tree_size: string
}

/** Decisions and the ledger's word about them, which arrive on two topics in either order. */
export class DecisionStore {
  async saveDecisions(tx: Transaction, decisions: readonly DecisionMade[]): Promise<void> {
    await tx.query(
      `insert into recorded_decision as r (request_id, revision, decided_at, sections)
       select * from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::jsonb[])
       on conflict (request_id, revision) do update set decided_at = excluded.decided_at, sections = excluded.sections`,
      [
        decisions.map((one) => one.requestId),
        decisions.map((one) => one.revision),
        decisions.map((one) => one.decidedAt),
        decisions.map((one) => JSON.stringify(one.sections)),
      ],
    )
  }

  async saveEntries(tx: Transaction, entries: readonly EntryRecorded[]): Promise<void> {
    const decisions = entries.filter((entry) => entry.kind === 'decision' && entry.revision !== undefined)
    // The same entry may come twice in one batch.
    const last = [...new Map(decisions.map((entry) => [`${entry.subjectId}/${entry.revision}`, entry])).values()]
    if (last.length === 0) return
    await tx.query(
      `insert into recorded_decision as r (request_id, revision, entry, receipt, index, tree_size)
       select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
       on conflict (request_id, revision) do update set
         entry = excluded.entry, receipt = excluded.receipt, index = excluded.index, tree_size = excluded.tree_size`,
      [
        last.map((one) => one.subjectId),
        last.map((one) => one.revision),
        last.map((one) => one.entry),
        last.map((one) => one.receipt),
        last.map((one) => one.index),
        last.map((one) => one.treeSize),
      ],
    )
  }

  async unrecorded(tx: Transaction, period: Period): Promise<number> {
    const [row] = await tx.query<{ count: string }>(
      'select count(*) from recorded_decision where decided_at >= $1 and decided_at < $2 and entry is null',
      [period.from, period.to],
    )
    return Number(row?.count ?? 0)
  }

  /** In the order of the log. */
  async recorded(tx: Transaction, period: Period & { readonly limit: number }): Promise<ProvenDecision[]> {
    const rows = await tx.query<Row>(
      `select request_id, revision, decided_at, sections, entry, receipt, index, tree_size from recorded_decision
       where decided_at >= $1 and decided_at < $2 and entry is not null order by index limit $3`,
      [period.from, period.to, period.limit],
    )
    return rows.map((row) => ({
      requestId: row.request_id,
      revision: row.revision,
      decidedAt: row.decided_at.toISOString(),
      sections: row.sections,
      entry: row.entry,
      receipt: row.receipt,
      index: Number(row.index),
      treeSize: Number(row.tree_size),
    }))
  }
}

export interface Period {
  readonly from: string
  readonly to: string
}
