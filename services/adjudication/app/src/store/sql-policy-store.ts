import type { CompiledPack } from '@weir/adjudication-core'
import type { Database, Transaction } from '@weir/persistence'

export interface ActivePack {
  readonly packId: string
  readonly digest: string
  readonly mode: string
  readonly activatedAt: string
  readonly activatedBy: string
}

/** Which content of each pack took effect when. */
export class SqlPolicyStore {
  /** Records the packs whose content or mode is not the one in effect, and returns them; processes wait for each other. */
  async activate(
    tx: Transaction,
    packs: readonly CompiledPack[],
    by: { readonly actor: string; readonly at: Date },
  ): Promise<readonly CompiledPack[]> {
    await tx.query('lock table policy_activation in share row exclusive mode')
    const active = new Map((await tx.query<Row>(ACTIVE)).map((row) => [row.pack_id, row]))
    const fresh = packs.filter((pack) => {
      const row = active.get(pack.id)
      return row?.digest !== pack.digest || row.mode !== pack.mode
    })
    for (const pack of fresh) {
      const ordinal = (active.get(pack.id)?.ordinal ?? 0) + 1
      await tx.query(
        'insert into policy_activation (pack_id, ordinal, digest, mode, activated_by, activated_at) values ($1, $2, $3, $4, $5, $6)',
        [pack.id, ordinal, pack.digest, pack.mode, by.actor, by.at],
      )
    }
    return fresh
  }

  async active(database: Database): Promise<readonly ActivePack[]> {
    return (await database.query<Row>(ACTIVE)).map((row) => ({
      packId: row.pack_id,
      digest: row.digest,
      mode: row.mode,
      activatedAt: row.activated_at.toISOString(),
      activatedBy: row.activated_by,
    }))
  }
}

interface Row {
  readonly pack_id: string
  readonly ordinal: number
  readonly digest: string
  readonly mode: string
  readonly activated_by: string
  readonly activated_at: Date
}

const ACTIVE = 'select distinct on (pack_id) * from policy_activation order by pack_id, ordinal desc'
