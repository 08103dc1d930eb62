import type { UnitOfWork } from '@weir/messaging'
import type { AskAnswer } from './assess-asks.js'
import { sha256 } from './digest.js'
import { reassessAsks } from './reassess-asks.js'
import type { ListVersion, PublishedEntry, Stores } from './ports.js'

export interface ListActivation {
  readonly title: string
  readonly entries: readonly PublishedEntry[]
  readonly by: string
}

export interface ActivatedList {
  readonly version: ListVersion
  /** false: the same entries were in force already */
  readonly activated: boolean
  readonly changed: readonly AskAnswer[]
}

/** The order of rows in the file means nothing. */
export const listDigest = (entries: readonly PublishedEntry[]): string =>
  sha256(
    entries
      .map((entry) => JSON.stringify(entry.cells))
      .sort()
      .join('\n'),
  )

export async function activateList(stores: Stores, unit: UnitOfWork, activation: ListActivation): Promise<ActivatedList> {
  const { tx } = unit
  const version = {
    digest: listDigest(activation.entries),
    title: activation.title,
    entries: activation.entries.length,
    activatedAt: unit.now,
    activatedBy: activation.by,
  }
  const shown = await stores.lists.active(tx)
  if (shown?.digest === version.digest) return { version, activated: false, changed: [] }
  const after = await stores.lists.save(tx, { version, entries: activation.entries })
  // Only now: everybody who assesses waits from here on.
  const before = await stores.lists.holdActive(tx, 'replace')
  await stores.lists.activate(tx, after)
  const customers = before === undefined ? ('all' as const) : await stores.lists.customersTouched(tx, { before: before.listId, after })
  const list = { listId: after, digest: version.digest }
  return { version, activated: true, changed: await reassessAsks(stores, unit, { list, scope: { customers, tenants: [] } }) }
}
