import type { Verdict, WorkloadFacts } from '@weir/classification-core'
import type { Database, Transaction } from '@weir/persistence'
import type { Ask, AskStore, ClassifiedAsk, SkuGap, SkuRef } from '../use-cases/ports.js'

interface AskRow {
  readonly request_id: string
  readonly ask: number
  readonly event_key: string
  readonly facts: WorkloadFacts
  readonly verdict: Verdict
}

export class SqlAskStore implements AskStore {
  async save(tx: Transaction, asks: readonly ClassifiedAsk[], now: Date): Promise<void> {
    const latest = [...new Map(asks.map((one) => [`${one.ask.requestId} ${one.ask.ask}`, one])).values()]
    if (latest.length === 0) return
    await tx.query(UPSERT_ASKS, [
      latest.map(({ ask }) => ask.requestId),
      latest.map(({ ask }) => ask.ask),
      latest.map(({ ask }) => ask.key),
      latest.map(({ ask }) => JSON.stringify(ask.facts)),
      latest.map(({ verdict }) => JSON.stringify(verdict)),
      latest.map((one) => one.catalogDigest),
      now,
    ])
    await this.#saveGaps(tx, latest)
  }

  async #saveGaps(tx: Transaction, asks: readonly ClassifiedAsk[]): Promise<void> {
    const again = asks.filter(({ ask }) => ask.ask > 1).map(({ ask }) => ask.requestId)
    if (again.length > 0) await tx.query(DELETE_OLD_GAPS, [again])
    const gaps = asks.flatMap(({ ask, gaps }) => gaps.map((gap) => ({ ask, gap })))
    if (gaps.length === 0) return
    await tx.query(INSERT_GAPS, [
      gaps.map(({ gap }) => gap.provider),
      gaps.map(({ gap }) => gap.name),
      gaps.map(({ ask }) => ask.requestId),
      gaps.map(({ ask }) => ask.ask),
      gaps.map(({ gap }) => gap.open),
    ])
  }

  async withSku(tx: Transaction, sku: SkuRef): Promise<readonly { readonly ask: Ask; readonly verdict: Verdict }[]> {
    const found = await tx.query<AskRow>(SELECT_WITH_SKU, [sku.provider, sku.name])
    return found.map((row) => ({
      ask: { requestId: row.request_id, ask: row.ask, key: row.event_key, facts: row.facts },
      verdict: row.verdict,
    }))
  }

  /** Names without an answer, those that hold up most asks first. */
  async gaps(database: Database): Promise<readonly SkuGap[]> {
    const found = await database.query<{ provider: string; name: string; open_asks: number; since: Date }>(SELECT_GAPS)
    return found.map((row) => ({ provider: row.provider, raw: row.name, openAsks: row.open_asks, since: row.since.toISOString() }))
  }
}

const UPSERT_ASKS = `
  insert into ask (request_id, ask, event_key, facts, verdict, catalog_digest, received_at, classified_at)
  select request_id, ask, event_key, facts, verdict, digest, $7, $7
  from unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[]) as new (request_id, ask, event_key, facts, verdict, digest)
  on conflict (request_id, ask) do update set
    event_key = excluded.event_key, facts = excluded.facts, verdict = excluded.verdict,
    catalog_digest = excluded.catalog_digest, classified_at = excluded.classified_at`

const DELETE_OLD_GAPS = `delete from ask_sku where request_id = any ($1::uuid[]) and ask < (select max(ask.ask) from ask where ask.request_id = ask_sku.request_id)`

// an older ask of a request can come after a newer one, when its customer became known in between
const INSERT_GAPS = `
  insert into ask_sku (provider, name, request_id, ask, open)
  select provider, name, request_id, ask, open
  from unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::boolean[]) as new (provider, name, request_id, ask, open)
  where new.ask = (select max(ask.ask) from ask where ask.request_id = new.request_id)
  on conflict (provider, name, request_id) do update set ask = excluded.ask, open = excluded.open`

const SELECT_WITH_SKU = `
  select ask.request_id, ask.ask, ask.event_key, ask.facts, ask.verdict
  from ask_sku join ask using (request_id, ask)
  where ask_sku.provider = $1 and ask_sku.name = $2
  order by ask.received_at, ask.request_id`

const SELECT_GAPS = `
  select ask_sku.provider, ask_sku.name, count(*)::int as open_asks, min(ask.received_at) as since
  from ask_sku join ask using (request_id, ask)
  where ask_sku.open
  group by ask_sku.provider, ask_sku.name
  order by open_asks desc, ask_sku.provider, ask_sku.name
  limit 1000`
