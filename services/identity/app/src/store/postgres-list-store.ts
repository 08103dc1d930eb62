import type { IndexedEntry } from '@weir/identity-core'
import type { Transaction } from '@weir/persistence'
import type { ActiveList, ListStore, ListVersion, PublishedEntry } from '../use-cases/ports.js'

interface ActiveRow {
  readonly list_id: string | null
  readonly digest: string | null
}

interface FoundRow {
  readonly key: string
  readonly list: string
  readonly entry_id: string
  readonly name: string
}

const chunkSize = 2000

// The list's digest stands beside its id: what a lock waited for is read anew in the locked row, and in no other.
const activeSql = 'select active_list as list_id, active_digest as digest from identity_state'

export class PostgresListStore implements ListStore {
  async active(tx: Transaction): Promise<ActiveList | undefined> {
    return activeOf(await tx.query<ActiveRow>(activeSql))
  }

  async holdActive(tx: Transaction, mode: 'share' | 'replace'): Promise<ActiveList | undefined> {
    return activeOf(await tx.query<ActiveRow>(`${activeSql} ${mode === 'share' ? 'for share' : 'for update'}`))
  }

  async entriesByName(
    tx: Transaction,
    wanted: { readonly listId: string; readonly names: readonly string[] },
  ): Promise<ReadonlyMap<string, readonly IndexedEntry[]>> {
    const index = new Map<string, IndexedEntry[]>()
    if (wanted.names.length === 0) return index
    const rows = await tx.query<FoundRow>(
      `select w.key, e.list, e.entry_id, e.name
       from unnest($2::text[]) as w(key)
       join list_name n on n.list_id = $1 and md5(n.name) = md5(w.key) and n.name = w.key
       join list_entry e on e.list_id = n.list_id and e.entry_no = n.entry_no`,
      [wanted.listId, wanted.names],
    )
    for (const row of rows) {
      const entry = { list: row.list, entryId: row.entry_id, entryName: row.name }
      index.set(row.key, [...(index.get(row.key) ?? []), entry])
    }
    return index
  }

  async save(tx: Transaction, list: { readonly version: ListVersion; readonly entries: readonly PublishedEntry[] }): Promise<string> {
    const { digest, title, entries, activatedAt, activatedBy } = list.version
    const [row] = await tx.query<{ list_id: string; fresh: boolean }>(
      `insert into screening_list (digest, title, entries, activated_at, activated_by) values ($1, $2, $3, $4, $5)
       on conflict (digest) do update
         set title = excluded.title, activated_at = excluded.activated_at, activated_by = excluded.activated_by
       returning list_id, xmax = 0 as fresh`,
      [digest, title, entries, activatedAt, activatedBy],
    )
    if (row === undefined) throw new Error('an upsert returned no row')
    if (!row.fresh) return row.list_id
    for (let start = 0; start < list.entries.length; start += chunkSize) {
      await saveEntries(tx, { listId: row.list_id, start, entries: list.entries.slice(start, start + chunkSize) })
    }
    return row.list_id
  }

  async activate(tx: Transaction, listId: string): Promise<void> {
    await tx.query('update identity_state set active_list = list_id, active_digest = digest from screening_list where list_id = $1', [
      listId,
    ])
  }

  async customersTouched(tx: Transaction, lists: { readonly before: string; readonly after: string }): Promise<string[]> {
    const named = `select n.name as key, e.list, e.entry_id, e.name from list_name n
      join list_entry e on e.list_id = n.list_id and e.entry_no = n.entry_no where n.list_id = `
    const rows = await tx.query<{ customer_id: string }>(
      `with before as (${named} $1), after as (${named} $2),
         changed as ((select * from before except select * from after) union (select * from after except select * from before))
       select distinct p.customer_id from party_key p join changed c on md5(p.key) = md5(c.key) and p.key = c.key`,
      [lists.before, lists.after],
    )
    return rows.map((row) => row.customer_id)
  }
}

const activeOf = ([row]: readonly ActiveRow[]): ActiveList | undefined =>
  row === undefined || row.list_id === null || row.digest === null ? undefined : { listId: row.list_id, digest: row.digest }

interface EntryChunk {
  readonly listId: string
  readonly start: number
  readonly entries: readonly PublishedEntry[]
}

async function saveEntries(tx: Transaction, { listId, start, entries }: EntryChunk): Promise<void> {
  await tx.query(
    `insert into list_entry (list_id, entry_no, list, entry_id, name, cells)
     select $1, * from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::json[])`,
    [
      listId,
      entries.map((_, index) => start + index),
      entries.map((entry) => entry.list),
      entries.map((entry) => entry.entryId),
      entries.map((entry) => entry.name),
      entries.map((entry) => JSON.stringify(entry.cells)),
    ],
  )
  const names = entries.flatMap((entry, index) => entry.keys.map((key) => ({ key, entryNo: start + index })))
  await tx.query(`insert into list_name (list_id, name, entry_no) select $1, * from unnest($2::text[], $3::integer[])`, [
    listId,
    names.map((name) => name.key),
    names.map((name) => name.entryNo),
  ])
}
