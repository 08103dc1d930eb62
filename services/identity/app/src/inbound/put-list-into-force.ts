import type { NewEvent, UnitOfWorkRunner } from '@weir/messaging'
import { listActivatedEvent, reassessedEvent } from '../outbound/identity-events.js'
import { activateList, type ListActivation } from '../use-cases/activate-list.js'
import type { Stores } from '../use-cases/ports.js'

interface PuttingIntoForce {
  readonly list: ListActivation
  readonly cause: NewEvent['cause']
}

export async function putListIntoForce(stores: Stores, units: UnitOfWorkRunner, { list, cause }: PuttingIntoForce) {
  return await units.run('activate-list', async (unit) => {
    const { version, activated, changed } = await activateList(stores, unit, list)
    if (activated) unit.emit(listActivatedEvent(version, cause))
    for (const answer of changed) unit.emit(reassessedEvent(answer, { at: unit.now, cause }))
    return { digest: version.digest, title: version.title, entries: version.entries, activated, reassessed: changed.length }
  })
}
