import type { MachineVerdict } from './machine-verdict.js'
import type { RequestState } from './ports.js'

/** Under which case a held request belongs. */
export type CaseTarget = { readonly scope: 'request' } | { readonly scope: 'tenant'; readonly tenantKey: string }

/**
 * A tenant that nobody knows has one case for all it asks, and so has a customer for what holds no controlled item; everything
 * else that is held has a case of its own.
 */
export function caseTarget({ ask, verdict, late }: MachineVerdict): CaseTarget | undefined {
  if (verdict.outcome !== 'hold') return undefined
  const { identity, workload, requested } = ask
  if (late || identity === undefined) return { scope: 'request' }
  const { tenantRef } = requested.request
  if (identity.subject.state === 'unknown-tenant') {
    return tenantRef ? { scope: 'tenant', tenantKey: `tenant:${tenantRef.system}:${tenantRef.id}` } : { scope: 'request' }
  }
  return workload?.resolution === 'none' ? { scope: 'tenant', tenantKey: `customer:${identity.subject.customerId}` } : { scope: 'request' }
}

export function isIn(state: RequestState, target: CaseTarget | undefined): boolean {
  const { openCase } = state
  if (openCase === undefined || target === undefined) return false
  return target.scope === 'request' ? openCase.scope === 'request' : openCase.tenantKey === target.tenantKey
}
