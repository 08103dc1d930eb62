import type { DecisionMade, EntryRecorded } from '@weir/contracts'
import type { ProvenDecision } from '@weir/reports-core'
import type { Transaction } from '@weir/persistence'
import type { Period, RecordedDecisions } from '../use-cases/release-report.js'

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
export class DecisionStore implements RecordedDecisions {
  /** Of two that claim to be the same decision, the first is what the log holds, so it is what stays here. */
  async saveDecisions(tx: Transaction, decisions: readonly DecisionMade[]): Promise<void> {
    const first = firstOf(decisions, (one) => `${one.requestId}/${one.revision}`)
    await tx.query(
      `insert into recorded_decision as r (request_id, revision, decided_at, sections)
       select * from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::json[])
       on conflict (request_id, revision) do update set decided_at = excluded.decided_at, sections = excluded.sections
       where r.sections is null`,
      [
        first.map((one) => one.requestId),
        first.map((one) => one.revision),
        first.map((one) => one.decidedAt),
        first.map((one) => JSON.stringify(one.sections)),
      ],
    )
  }

  /** All kinds: a gap in the numbers is how a decision that did not arrive is noticed. */
  async saveEntries(tx: Transaction, entries: readonly EntryRecorded[]): Promise<void> {
    const decisions = firstOf(
      entries.filter((entry) => entry.kind === 'decision' && entry.revision !== undefined),
      (entry) => `${entry.subjectId}/${entry.revision}`,
    )
    if (decisions.length > 0)
      await tx.query(
        `insert into recorded_decision as r (request_id, revision, entry, receipt, index, tree_size)
         select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
         on conflict (request_id, revision) do update set
           entry = excluded.entry, receipt = excluded.receipt, index = excluded.index, tree_size = excluded.tree_size
         where r.entry is null`,
        [
          decisions.map((one) => one.subjectId),
          decisions.map((one) => one.revision),
          decisions.map((one) => one.entry),
          decisions.map((one) => one.receipt),
          decisions.map((one) => one.index),
          decisions.map((one) => one.treeSize),
        ],
      )
    const others = entries.filter((entry) => entry.kind !== 'decision').map((entry) => entry.index)
    if (others.length > 0) await tx.query('insert into other_entry select unnest($1::bigint[]) on conflict do nothing', [others])
  }

  /** What was reached once is not looked at again. The row's lock lets one report be made at a time. */
  async reach(tx: Transaction): Promise<number> {
    const [row] = await tx.query<{ reach: string }>(
      `with before as (select reach from log_reach for update),
       seen as (
         select index, sections is not null as whole from recorded_decision where index >= (select reach from before)
         union all select index, true from other_entry where index >= (select reach from before)),
       numbered as (select index, whole, (select reach from before) + row_number() over (order by index) - 1 as dense from seen)
       update log_reach set reach = coalesce(
         (select min(dense) from numbered where index <> dense or not whole), reach + (select count(*) from numbered))
       returning reach`,
    )
    if (row === undefined) throw new Error('the table log_reach lost its row')
    return Number(row.reach)
  }

  async unrecorded(tx: Transaction, { from, to, logSize }: Period & { readonly logSize: number }): Promise<number> {
    const [row] = await tx.query<{ count: string }>(
      'select count(*) from recorded_decision where decided_at >= $1 and decided_at < $2 and (index is null or index >= $3)',
      [from, to, logSize],
    )
    return Number(row?.count ?? 0)
  }

  async recorded(
    tx: Transaction,
    { from, to, logSize, limit }: Period & { readonly logSize: number; readonly limit: number },
  ): Promise<ProvenDecision[]> {
    const rows = await tx.query<Row>(
      `select request_id, revision, decided_at, sections, entry, receipt, index, tree_size from recorded_decision
       where decided_at >= $1 and decided_at < $2 and index < $3 order by index limit $4`,
      [from, to, logSize, limit],
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

/** One statement cannot save a row twice, and one batch may hold the same thing twice. */
function firstOf<T>(all: readonly T[], id: (one: T) => string): T[] {
  const first = new Map<string, T>()
  for (const one of all) if (!first.has(id(one))) first.set(id(one), one)
  return [...first.values()]
}
