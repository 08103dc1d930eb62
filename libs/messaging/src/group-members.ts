import type { Database } from '@weir/persistence'
import type { Membership, Memberships } from './transport.js'

/** Memberships in the service's own schema: they outlive the process. */
export class GroupMembers implements Memberships {
  constructor(private readonly database: Database) {}

  async former({ group, instance }: Membership): Promise<string | undefined> {
    const [row] = await this.database.query<{ member_id: string }>(
      'select member_id from group_member where consumer_group = $1 and instance = $2',
      [group, instance],
    )
    return row?.member_id
  }

  async remember({ group, instance }: Membership, memberId: string): Promise<void> {
    await this.database.query(
      `insert into group_member (consumer_group, instance, member_id) values ($1, $2, $3)
       on conflict (consumer_group, instance) do update set member_id = excluded.member_id, joined_at = now()`,
      [group, instance, memberId],
    )
  }
}
