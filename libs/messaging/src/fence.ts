import type { Transaction } from '@weir/persistence'
import { MessagingFault } from './messaging-fault.js'
import { planted } from './test-switch.js'
import type { PartitionBatch, StoredMessage } from './transport.js'

/** A message by the id of its event, for the inbox. */
export interface Noted {
  readonly eventId: string
  readonly key: string | undefined
}

export interface Fenced {
  readonly now: Date
  /** the message was behind the partition's position already: an earlier transaction dealt with it */
  isBehind(message: StoredMessage): boolean
  /** keys with parked messages */
  readonly blocked: ReadonlySet<string>
  /** ids that the inbox did not hold; those of blocked keys are not noted */
  readonly unseen: ReadonlySet<string>
}

interface Row {
  readonly now: Date
  readonly moved: readonly { readonly topic: string; readonly partition: number; readonly before: string }[] | null
  readonly blocked: readonly string[]
  readonly unseen: readonly string[]
}

/**
 * First statement of a batch's transaction: moves each partition's position and notes the events in the inbox. An epoch
 * above the batch's means that another consumer owns the partition now: this one is a zombie, and its transaction ends
 * with the fault `fenced`. What former owners committed is seen here, because taking a partition over waits for them.
 */
export async function fence(
  tx: Transaction,
  of: { readonly batches: readonly PartitionBatch[]; readonly noted: readonly Noted[] },
): Promise<Fenced> {
  const { batches, noted } = of
  const [row] = await tx.query<Row>(FENCE, [
    batches.map((batch) => batch.topic),
    batches.map((batch) => batch.partition),
    batches.map((batch) => (batch.messages.at(-1)?.offset ?? 0n).toString()),
    batches.map((batch) => batch.epoch),
    batches.flatMap(({ messages }) => messages.flatMap(({ key }) => key ?? [])),
    noted.map(({ eventId }) => eventId),
    noted.map(({ key }) => key ?? null),
  ])
  if (planted('fence-off'))
    return { now: row?.now ?? new Date(Number.NaN), isBehind: () => false, blocked: new Set(row?.blocked), unseen: all(noted) }
  const before = new Map(row?.moved?.map((moved) => [`${moved.topic}/${moved.partition}`, BigInt(moved.before)]))
  for (const { topic, partition } of batches) {
    if (before.has(`${topic}/${partition}`)) continue
    throw new MessagingFault({ code: 'fenced', message: `${topic}/${partition} belongs to another consumer` })
  }
  for (const batch of batches) refuseGap(batch, before.get(`${batch.topic}/${batch.partition}`) ?? 0n)
  return {
    now: row?.now ?? new Date(Number.NaN),
    isBehind: ({ topic, partition, offset }) => offset < (before.get(`${topic}/${partition}`) ?? 0n),
    blocked: new Set(row?.blocked),
    unseen: planted('inbox-off') ? all(noted) : new Set(row?.unseen),
  }
}

const all = (noted: readonly Noted[]): Set<string> => new Set(noted.map(({ eventId }) => eventId))

/** A service that never read a partition begins with what there is; one that did must not pass over what it did not read. */
function refuseGap({ topic, partition, gapTo }: PartitionBatch, before: bigint): void {
  if (gapTo === undefined || before === 0n || gapTo <= before) return
  throw new MessagingFault({
    code: 'log-gap',
    message: `${topic}/${partition}: the messages ${before} to ${gapTo - 1n} are gone from the log and were not handled`,
  })
}

// The inbox is written after the positions are locked: two owners of a partition take their locks in one order.
const FENCE = `
  with wanted as (
    select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) as w (topic, partition, last, epoch)),
  held as (
    select o.topic, o.partition, o.next_offset, w.last from consumer_offset o join wanted w using (topic, partition)
    where o.epoch <= w.epoch order by o.topic, o.partition for update of o),
  moved as (
    update consumer_offset o set next_offset = greatest(o.next_offset, held.last + 1) from held
    where o.topic = held.topic and o.partition = held.partition
    returning o.topic, o.partition, held.next_offset::text as before),
  locked as (select count(*) as partitions from moved),
  blocked as (select distinct key from parked where key = any ($5)),
  noted as (
    insert into inbox (event_id)
    select distinct i.id from locked, unnest($6::uuid[], $7::text[]) as i (id, key)
    where locked.partitions >= 0 and not exists (select from blocked where blocked.key = i.key)
    on conflict do nothing returning event_id)
  select now() as now, (select json_agg(moved) from moved) as moved, array(select key from blocked) as blocked,
    array(select event_id::text from noted) as unseen`
