import type { License } from '@weir/adjudication-core'
import type { License as Registered } from '@weir/contracts'
import { planted } from '@weir/messaging'
import type { Database, Transaction } from '@weir/persistence'
import type { LicenseMove, LicenseStore } from '../use-cases/ports.js'

interface LicenseRow {
  readonly license_id: string
  readonly number: string
  readonly customer_id: string
  readonly paragraphs: Registered['paragraphs']
  readonly models: string[]
  readonly quantity: string
  readonly available: string
  readonly valid_from: Date
  readonly valid_to: Date
}

export interface RegisteredBy {
  readonly actor: string
  readonly at: Date
  /** of the event; kept, so that what the log's digest is of can be shown */
  readonly salt: string
}

export interface LicenseView extends Registered {
  /** left to reserve */
  readonly available: number
}

export class SqlLicenseStore implements LicenseStore {
  async lock(
    tx: Transaction,
    of: { readonly customerIds: readonly string[]; readonly licenseIds: readonly string[] },
  ): Promise<readonly License[]> {
    if (of.customerIds.length + of.licenseIds.length === 0) return []
    const licenses = (await tx.query<LicenseRow>(LOCK, [of.customerIds, of.licenseIds])).map(viewOf)
    return planted('balance-check-off') ? licenses.map((license) => ({ ...license, available: license.quantity })) : licenses
  }

  async save(tx: Transaction, moves: readonly LicenseMove[], now: Date): Promise<void> {
    if (moves.length === 0) return
    const balances = new Map(moves.map((move) => [move.licenseId, move.available]))
    await tx.query(SAVE_BALANCES, [[...balances.keys()], [...balances.values()]])
    // The last move of a reservation is its state; what is free again goes first, for the one open reservation of a request.
    const last = [...new Map(moves.map((move) => [move.reservationId, move])).values()]
    for (const group of [last.filter((move) => move.kind === 'released'), last.filter((move) => move.kind !== 'released')]) {
      if (group.length === 0) continue
      await tx.query(SAVE_RESERVATIONS, [
        group.map((move) => move.reservationId),
        group.map((move) => move.licenseId),
        group.map((move) => move.requestId),
        group.map((move) => move.quantity),
        group.map((move) => move.kind),
        now,
      ])
    }
  }

  /**
   * false: the customer has a license of this number already. The table lock lets every decision without this license commit
   * first, so that what it held is found when the held requests are decided again; later decisions see the license.
   */
  async register(tx: Transaction, license: Registered, by: RegisteredBy): Promise<boolean> {
    const { licenseId, number, customerId, paragraphs, models, quantity, validFrom, validTo } = license
    const values = [licenseId, number, customerId, paragraphs, models, quantity, validFrom, validTo, by.actor, by.at, by.salt]
    await tx.query('lock table license in exclusive mode')
    return (await tx.query(REGISTER, values)).length > 0
  }

  async list(database: Database): Promise<readonly LicenseView[]> {
    return (await database.query<LicenseRow>(`${SELECT} order by valid_to, license_id limit 1000`)).map(viewOf)
  }
}

const viewOf = (row: LicenseRow): LicenseView => ({
  licenseId: row.license_id,
  number: row.number,
  customerId: row.customer_id,
  paragraphs: row.paragraphs,
  models: row.models,
  quantity: Number(row.quantity),
  available: Number(row.available),
  validFrom: row.valid_from.toISOString(),
  validTo: row.valid_to.toISOString(),
})

const SELECT = 'select license_id, number, customer_id, paragraphs, models, quantity, available, valid_from, valid_to from license'

const LOCK = `${SELECT} where customer_id = any ($1::text[]) or license_id = any ($2::text[]) order by license_id for update`

const SAVE_BALANCES = `
  update license set available = new.available
  from unnest($1::text[], $2::bigint[]) as new (license_id, available)
  where license.license_id = new.license_id`

const SAVE_RESERVATIONS = `
  insert into reservation (reservation_id, license_id, request_id, quantity, state, moved_at)
  select reservation_id, license_id, request_id, quantity, state, $6
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[]) as new (reservation_id, license_id, request_id, quantity, state)
  on conflict (reservation_id) do update set state = excluded.state, moved_at = excluded.moved_at`

const REGISTER = `
  insert into license (license_id, number, customer_id, paragraphs, models, quantity, available, valid_from, valid_to, registered_by, registered_at,
    salt, recheck_after)
  values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, '00000000-0000-0000-0000-000000000000')
  on conflict do nothing
  returning license_id`
