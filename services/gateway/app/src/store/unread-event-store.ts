import type { Transaction } from '@weir/persistence'
import type { UnreadEvent, UnreadEvents } from '../use-cases/ports.js'

export class UnreadEventStore implements UnreadEvents {
  async keep(tx: Transaction, events: readonly UnreadEvent[]): Promise<void> {
    if (events.length === 0) return
    await tx.query(
      `insert into unread_event (id, platform, received_at, reason, body)
       select id, platform, now(), reason, body from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as e (id, platform, reason, body)
       on conflict (id) do nothing`,
      [
        events.map((e) => e.id),
        events.map((e) => storable(e.platform.slice(0, 100))),
        events.map((e) => storable(e.reason)),
        events.map((e) => storable(e.body)),
      ],
    )
  }
}

/** PostgreSQL text cannot hold NUL; the replacement keeps the rest readable. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD')
