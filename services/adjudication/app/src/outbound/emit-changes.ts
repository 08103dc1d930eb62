import type { UnitOfWork } from '@weir/messaging'
import type { Change, LicenseMove } from '../use-cases/ports.js'
import { reasonOf, toDecisionMade, type DecisionMaking } from './to-decision-made.js'

/** Tells the world what was done, in the order of the changes. */
export function emitChanges(unit: Pick<UnitOfWork, 'emit'>, changes: readonly Change[], by: DecisionMaking): void {
  for (const change of changes) emitChange(unit, change, by)
}

function emitChange(unit: Pick<UnitOfWork, 'emit'>, change: Change, by: DecisionMaking): void {
  const { key, cause } = change
  const at = by.now.toISOString()
  switch (change.kind) {
    case 'decided':
      unit.emit({
        type: 'weir.decision.made.v1',
        subject: change.decision.requestId,
        key,
        cause,
        data: toDecisionMade(change.decision, by),
      })
      return
    case 'case-opened': {
      const { caseId, scope, requestId, customerId, reasons } = change.opened
      const data = {
        caseId,
        scope,
        requestId,
        reasons: reasons.map(reasonOf),
        openedAt: at,
        ...(customerId === undefined ? {} : { customerId }),
      }
      unit.emit({ type: 'weir.case.opened.v1', subject: caseId, key, cause, data })
      return
    }
    case 'case-resolved': {
      const data = { caseId: change.caseId, ...change.resolution, resolvedAt: at, salt: change.salt }
      unit.emit({ type: 'weir.case.resolved.v1', subject: change.caseId, key, cause, data })
      return
    }
    case 'license-moved': {
      const { kind, ...moved } = change.move
      unit.emit({ type: typeOf(kind), subject: moved.licenseId, key, cause, data: { ...moved, at } })
      return
    }
  }
}

function typeOf(kind: LicenseMove['kind']) {
  switch (kind) {
    case 'reserved':
      return 'weir.license.reserved.v1'
    case 'consumed':
      return 'weir.license.consumed.v1'
    case 'released':
      return 'weir.license.released.v1'
  }
}
