import type { UnitOfWork } from '@weir/messaging'
import type { Assessment } from '@weir/identity-core'
import type { Transaction } from '@weir/persistence'
import { assessCustomers } from './assess-tenants.js'
import { applyPlans, planCustomers, type DeclaredCustomers, type PlannedDeclarations } from './declare-customers.js'
import type { Declaration, RowPlan } from './plan-declarations.js'
import { tenantKey, type StoredAsk, type Stores, type Tenant } from './ports.js'

export interface HoldReason {
  readonly code: 'listed' | 'listed-owner' | 'unknown-owner' | 'unknown-headquarters' | 'no-screening-list'
  readonly sentence: string
}

export interface ForeseenRow {
  readonly plan: RowPlan
  /** empty: identity has no reason to have its requests held */
  readonly held: readonly HoldReason[]
  /** stored requests of its tenants, at most `mostRequests` */
  readonly requests: readonly string[]
}

export interface ForeseenImport extends PlannedDeclarations {
  readonly rows: readonly ForeseenRow[]
}

const mostRequests = 1000

/** What an import would do and what would be held because of it. Writes nothing. */
export async function foreseeImport(stores: Stores, tx: Transaction, rows: readonly Declaration[]): Promise<ForeseenImport> {
  const planned = await planCustomers(stores, tx, { mode: 'either', rows })
  const after = planned.plans.flatMap((plan) => afterwards(plan) ?? [])
  const assessed = await assessCustomers(stores, tx, { list: planned.list, customers: after })
  const asks = await stores.asks.page(tx, {
    customers: after.map((customer) => customer.customerId),
    tenants: after.flatMap((customer) => customer.tenants),
    after: undefined,
    limit: mostRequests,
  })
  return {
    ...planned,
    rows: planned.plans.map((plan) => {
      const customer = afterwards(plan)
      const assessment = customer === undefined ? undefined : assessed.get(customer.customerId)?.assessment
      return {
        plan,
        held: assessment === undefined ? [] : holdReasons(assessment),
        requests: customer === undefined ? [] : requestsOf(customer.tenants, asks),
      }
    }),
  }
}

export const applyImport = async (
  stores: Stores,
  unit: UnitOfWork,
  foreseen: ForeseenImport & { readonly by: string },
): Promise<DeclaredCustomers> => await applyPlans(stores, unit, foreseen)

const afterwards = (plan: RowPlan) => (plan.action === 'refused' ? undefined : plan.action === 'unchanged' ? plan.before : plan.next)

function requestsOf(tenants: readonly Tenant[], asks: readonly StoredAsk[]): string[] {
  const keys = new Set(tenants.map(tenantKey))
  return asks.filter((ask) => ask.tenant !== undefined && keys.has(tenantKey(ask.tenant))).map((ask) => ask.requestId)
}

export function holdReasons(assessment: Assessment): HoldReason[] {
  const { subject, hits, listedOwnershipPercent: percent } = assessment
  if (subject.state === 'unknown-tenant') return []
  const reasons: HoldReason[] = []
  const lists = (relation: 'self' | 'owner') =>
    [...new Set(hits.filter((hit) => hit.relation === relation).map((hit) => hit.list))].join(', ')
  if (lists('self') !== '') reasons.push({ code: 'listed', sentence: `The customer is listed: ${lists('self')}.` })
  if (lists('owner') !== '') {
    const share = percent === undefined ? 'an unknown share' : `${percent} %`
    reasons.push({ code: 'listed-owner', sentence: `Listed owners (${lists('owner')}) hold ${share} of the customer.` })
  }
  if (!subject.ownershipComplete) {
    reasons.push({ code: 'unknown-owner', sentence: 'The declared owners leave open who the ultimate parent is.' })
  }
  if (subject.headquarters === undefined) {
    reasons.push({ code: 'unknown-headquarters', sentence: 'It is not known where the customer is headquartered.' })
  }
  if (subject.ultimateParent !== undefined && subject.ultimateParent.headquarters === undefined) {
    reasons.push({ code: 'unknown-headquarters', sentence: 'It is not known where the ultimate parent is headquartered.' })
  }
  if (assessment.redFlags.some((flag) => flag.code === 'no-screening-list')) {
    reasons.push({ code: 'no-screening-list', sentence: 'No screening list was ever put into force.' })
  }
  return reasons
}
