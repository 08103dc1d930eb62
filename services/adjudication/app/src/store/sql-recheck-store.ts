import type { Transaction } from '@weir/persistence'
import type { Recheck, RecheckStore } from '../use-cases/decide-held-again.js'

/** Newly registered licenses, and the held requests that each may end. */
export class SqlRecheckStore implements RecheckStore {
  async next(tx: Transaction, now: Date): Promise<Recheck | undefined> {
    const [row] = await tx.query<{ license_id: string; customer_id: string; recheck_after: string }>(NEXT, [now])
    return row && { licenseId: row.license_id, customerId: row.customer_id, after: row.recheck_after }
  }

  async heldOf(tx: Transaction, { customerId, after }: Recheck, limit: number): Promise<readonly string[]> {
    return (await tx.query<{ request_id: string }>(HELD, [customerId, after, limit])).map((row) => row.request_id)
  }

  async advance(tx: Transaction, { licenseId, after }: Recheck, to: string | undefined): Promise<void> {
    const sql = 'update license set recheck_after = $3 where license_id = $1 and recheck_after = $2'
    await tx.query(sql, [licenseId, after, to ?? null])
  }
}

const NEXT = `
  select license_id, customer_id, recheck_after from license
  where recheck_after is not null and valid_from <= $1 order by registered_at, license_id limit 1`

const HELD = `
  select decision.request_id from decision join request_ask using (request_id, ask)
  where decision.current and decision.outcome = 'hold' and decision.request_id > $2
    and request_ask.identity -> 'subject' ->> 'customerId' = $1
  order by decision.request_id limit $3`
