import type { Database, Transaction } from '@weir/persistence'
import type { StoredMessage } from './transport.js'

export interface ParkedMessage {
  readonly message: StoredMessage
  readonly error: string
}

/** What a service set aside under one key. */
export interface ParkedKey {
  /** undefined: the messages have none, so nothing waits behind them */
  readonly key: string | undefined
  readonly messages: number
  readonly topics: readonly string[]
  readonly since: Date
  /** of the first of them */
  readonly error: string
}

interface ParkedRow {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: string | null
  readonly headers: Record<string, string>
  readonly value: string | null
}

/** PostgreSQL text cannot hold NUL, nor its JSON half a surrogate pair; what tells of a bad message must not fail by it. */
export const storable = (text: string): string => text.slice(0, 2000).replaceAll('\u0000', '\uFFFD').toWellFormed()

/** Sets messages aside in the transaction that moves the offset past them. A key with a parked message is blocked. */
export async function park(tx: Transaction, parked: readonly ParkedMessage[]): Promise<void> {
  if (parked.length === 0) return
  await tx.query(
    `insert into parked (topic, partition, "offset", key, headers, value, error)
     select t, p, o, k, h, v, e
     from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::jsonb[], $6::text[], $7::text[]) with ordinality as w (t, p, o, k, h, v, e, n)
     order by n
     on conflict (topic, partition, "offset") do nothing`,
    [
      parked.map(({ message }) => message.topic),
      parked.map(({ message }) => message.partition),
      parked.map(({ message }) => message.offset.toString()),
      parked.map(({ message }) => message.key ?? null),
      parked.map(({ message }) => JSON.stringify(message.headers)),
      parked.map(({ message }) => message.value ?? null),
      parked.map(({ error }) => error),
    ],
  )
}

/** Takes a key's messages out of the parking, in the order in which they were set aside; the key is free again. */
export async function unpark(tx: Transaction, key: string): Promise<StoredMessage[]> {
  const rows = await tx.query<ParkedRow & { readonly id: string }>(
    'delete from parked where key = $1 returning id, topic, partition, "offset", key, headers, value',
    [key],
  )
  return rows
    .sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)))
    .map((row) => ({
      topic: row.topic,
      partition: row.partition,
      offset: BigInt(row.offset),
      key: row.key ?? undefined,
      headers: row.headers,
      value: row.value ?? undefined,
    }))
}

/** The longest parked first. */
export async function parkedKeys(database: Pick<Database, 'query'>, limit: number): Promise<ParkedKey[]> {
  const rows = await database.query<Omit<ParkedKey, 'key'> & { readonly key: string | null }>(
    `select key, count(*)::int as messages, array_agg(distinct topic order by topic) as topics, min(parked_at) as since,
       (array_agg(error order by id))[1] as error
     from parked group by key order by min(id) limit $1`,
    [limit],
  )
  return rows.map((row) => ({ ...row, key: row.key ?? undefined }))
}
