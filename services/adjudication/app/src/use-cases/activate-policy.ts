import type { CompiledPack } from '@weir/adjudication-core'
import type { UnitOfWorkRunner } from '@weir/messaging'
import type { Transaction } from '@weir/persistence'

/** Contract: records and answers the packs whose content or mode is not the one in effect. */
export interface PolicyStore {
  activate(
    tx: Transaction,
    packs: readonly CompiledPack[],
    by: { readonly actor: string; readonly at: Date },
  ): Promise<readonly CompiledPack[]>
}

/** Whoever put the files there; activation by two officers is recorded under their names. */
const OPERATOR = 'operator'

/** What the policy folder holds takes effect at start; each pack whose content is new is told once. */
export async function activatePolicy(
  unitOfWork: UnitOfWorkRunner,
  { store, packs }: { readonly store: PolicyStore; readonly packs: readonly CompiledPack[] },
): Promise<void> {
  await unitOfWork.run('activate-policy', async (unit) => {
    for (const pack of await store.activate(unit.tx, packs, { actor: OPERATOR, at: unit.now })) {
      unit.emit({
        type: 'weir.policy.activated.v1',
        subject: pack.id,
        key: `policy:${pack.id}`,
        cause: { id: `${pack.id}/${pack.digest}/${pack.mode}/${unit.now.toISOString()}` },
        data: {
          packId: pack.id,
          digest: pack.digest,
          title: pack.title,
          legalStatus: pack.legalStatus,
          mode: pack.mode,
          activatedAt: unit.now.toISOString(),
          activatedBy: OPERATOR,
        },
      })
    }
  })
}
