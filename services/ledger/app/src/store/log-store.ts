import type { EntryIdentity } from '@weir/ledger-core'
import type { Database, Transaction } from '@weir/persistence'
import { identityKey, type Head, type LogReading, type LogWriter, type RecordedEntry } from '../use-cases/ports.js'

interface EntryRow {
  readonly index: string
  readonly kind: EntryIdentity['kind']
  readonly subject: string
  readonly revision: number
  readonly leaf: string
  readonly receipt: string
  readonly tree_size: string
  readonly recorded_at: Date
}

const recorded = (row: EntryRow): RecordedEntry => ({
  index: Number(row.index),
  kind: row.kind,
  subject: row.subject,
  revision: row.revision,
  leaf: row.leaf,
  receipt: row.receipt,
  treeSize: Number(row.tree_size),
  recordedAt: row.recorded_at.toISOString(),
})

export class LogStore implements LogWriter {
  /** The row lock is the exclusion. */
  async lockHead(tx: Transaction): Promise<Head> {
    const [row] = await tx.query<{ size: string; edge: string[]; last_t: string }>('select size, edge, last_t from log_head for update')
    if (row === undefined) throw new Error('the log has no head')
    return { frontier: { size: Number(row.size), edge: row.edge.map((hash) => Buffer.from(hash, 'hex')) }, lastT: Number(row.last_t) }
  }

  async already(tx: Transaction, identities: readonly EntryIdentity[]): Promise<ReadonlyMap<string, RecordedEntry>> {
    const rows = await tx.query<EntryRow>(
      `select e.* from entry e join unnest($1::text[], $2::text[], $3::int[]) as w (kind, subject, revision) using (kind, subject, revision)`,
      [identities.map(({ kind }) => kind), identities.map(({ subject }) => subject), identities.map(({ revision }) => revision)],
    )
    return new Map(rows.map((row) => [identityKey(row), recorded(row)]))
  }

  async append(tx: Transaction, { entries, nodes, head, checkpoint }: Parameters<LogWriter['append']>[1]): Promise<void> {
    await tx.query(
      `insert into entry (index, kind, subject, revision, leaf, receipt, tree_size, recorded_at)
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::bigint[], $8::timestamptz[])`,
      [
        entries.map((e) => e.index),
        entries.map((e) => e.kind),
        entries.map((e) => e.subject),
        entries.map((e) => e.revision),
        entries.map((e) => e.leaf),
        entries.map((e) => e.receipt),
        entries.map((e) => e.treeSize),
        entries.map((e) => e.recordedAt),
      ],
    )
    await tx.query('insert into node (level, index, hash) select * from unnest($1::smallint[], $2::bigint[], $3::text[])', [
      nodes.map((n) => n.level),
      nodes.map((n) => n.index),
      nodes.map((n) => Buffer.from(n.hash).toString('hex')),
    ])
    await tx.query('update log_head set size = $1, edge = $2, last_t = $3, checkpoint = $4', [
      head.frontier.size,
      head.frontier.edge.map((hash) => Buffer.from(hash).toString('hex')),
      head.lastT,
      checkpoint,
    ])
  }
}

export class LogReader implements LogReading {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  async checkpoint(): Promise<{ readonly note: string; readonly size: number }> {
    const [row] = await this.database.query<{ checkpoint: string; size: string }>('select checkpoint, size from log_head')
    return { note: row?.checkpoint ?? '', size: Number(row?.size ?? 0) }
  }

  async hashes(tile: { readonly level: number; readonly from: number; readonly count: number }): Promise<Buffer[]> {
    const rows = await this.database.query<{ hash: string }>(
      'select hash from node where level = $1 and index >= $2 and index < $2::bigint + $3::int order by index',
      [tile.level * 8, tile.from, tile.count],
    )
    return rows.map(({ hash }) => Buffer.from(hash, 'hex'))
  }

  async nodes(spans: readonly { readonly level: number; readonly index: number }[]): Promise<Buffer[]> {
    const rows = await this.database.query<{ hash: string }>(
      `select n.hash from unnest($1::smallint[], $2::bigint[]) with ordinality as w (level, index, place)
       join node n using (level, index) order by place`,
      [spans.map(({ level }) => level), spans.map(({ index }) => index)],
    )
    return rows.map(({ hash }) => Buffer.from(hash, 'hex'))
  }

  async leaves(range: { readonly from: number; readonly count: number }): Promise<RecordedEntry[]> {
    const rows = await this.database.query<EntryRow>(
      'select * from entry where index >= $1 and index < $1::bigint + $2::int order by index',
      [range.from, range.count],
    )
    return rows.map(recorded)
  }
}
