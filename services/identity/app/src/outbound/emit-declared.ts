import type { NewEvent, UnitOfWork } from '@weir/messaging'
import type { DeclaredCustomers } from '../use-cases/declare-customers.js'
import { changedEvent, reassessedEvent, registeredEvent } from './identity-events.js'

export function emitDeclared(
  unit: UnitOfWork,
  { declared, cause }: { readonly declared: DeclaredCustomers; readonly cause: NewEvent['cause'] },
): void {
  for (const customer of declared.registered) unit.emit(registeredEvent(customer, cause))
  for (const customer of declared.changed) unit.emit(changedEvent(customer, cause))
  for (const answer of declared.reassessed) unit.emit(reassessedEvent(answer, { at: unit.now, cause }))
}
