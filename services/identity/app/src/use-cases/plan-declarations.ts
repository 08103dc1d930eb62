import { buildOwnershipGraph, screenedParties, screeningKeys, type CustomerDeclaration } from '@weir/identity-core'
import { canonicalJson } from '@weir/kernel'
import { digestOf } from './digest.js'
import { tenantKey, type Customer, type Tenant } from './ports.js'

export interface Declaration {
  readonly declaration: CustomerDeclaration
  /** absent: as they are */
  readonly tenants?: readonly Tenant[] | undefined
  /** further ones, beside those it has */
  readonly moreTenants?: readonly Tenant[] | undefined
}

export interface RowProblem {
  readonly code: 'customer-exists' | 'customer-unknown' | 'customer-repeated' | 'tenant-taken' | 'declaration-refused' | 'row-refused'
  /** into the row */
  readonly pointer: string
  readonly detail: string
}

export type PlannedCustomer = Customer & { readonly screeningKeys: readonly string[] }

export type RowPlan =
  | { readonly action: 'create'; readonly next: PlannedCustomer }
  | { readonly action: 'change'; readonly next: PlannedCustomer; readonly before: Customer }
  | { readonly action: 'unchanged'; readonly before: Customer }
  | { readonly action: 'refused'; readonly customerId: string; readonly problems: readonly RowProblem[] }

export type DeclareMode = 'register' | 'replace' | 'either'

export interface PlanningFacts {
  readonly mode: DeclareMode
  readonly known: ReadonlyMap<string, Customer>
  /** who holds the tenants that the rows name, by `tenantKey` */
  readonly holders: ReadonlyMap<string, string>
}

const maxTenants = 1000

/** What each row would do, decided without writing. One plan per row, in order. */
export function planDeclarations(rows: readonly Declaration[], facts: PlanningFacts): RowPlan[] {
  const seen = new Set<string>()
  const claimed = new Map(facts.holders)
  return rows.map((row) => {
    const { customerId } = row.declaration
    const before = facts.known.get(customerId)
    const tenants = tenantsOf(row, before)
    const problems = [
      ...existenceProblems({ customerId, mode: facts.mode, exists: before !== undefined, repeated: seen.has(customerId) }),
      ...tenantProblems(row, { customerId, claimed }),
    ]
    seen.add(customerId)
    if (tenants.length > maxTenants) {
      problems.push({ code: 'declaration-refused', pointer: '/tenants', detail: `A customer has at most ${maxTenants} tenants.` })
    }
    const graph = buildOwnershipGraph(row.declaration)
    if (!graph.ok) problems.push(...graph.refusal.map((problem) => ({ code: 'declaration-refused' as const, ...problem })))
    if (!graph.ok || problems.length > 0) return { action: 'refused', customerId, problems }
    for (const tenant of tenants) claimed.set(tenantKey(tenant), customerId)
    if (before !== undefined && sameFacts(before, { declaration: row.declaration, tenants })) return { action: 'unchanged', before }
    const next = {
      customerId,
      declaration: row.declaration,
      ownershipDigest: digestOf(row.declaration),
      revision: (before?.revision ?? 0) + 1,
      tenants,
      screeningKeys: screeningKeys(screenedParties(graph.value)),
    }
    return before === undefined ? { action: 'create', next } : { action: 'change', next, before }
  })
}

function tenantsOf(row: Declaration, before: Customer | undefined): Tenant[] {
  const all = [...(row.tenants ?? before?.tenants ?? []), ...(row.moreTenants ?? [])]
  const distinct = new Map(all.map(({ system, id }) => [tenantKey({ system, id }), { system, id }]))
  return [...distinct.values()].sort((a, b) => (tenantKey(a) < tenantKey(b) ? -1 : 1))
}

interface Existence {
  readonly customerId: string
  readonly mode: DeclareMode
  readonly exists: boolean
  readonly repeated: boolean
}

function existenceProblems({ customerId, mode, exists, repeated }: Existence): RowProblem[] {
  const problem = (code: RowProblem['code'], detail: string): RowProblem[] => [{ code, pointer: '/customerId', detail }]
  if (repeated) return problem('customer-repeated', `An earlier row declares ${customerId} too.`)
  if (mode === 'register' && exists) return problem('customer-exists', `The customer ${customerId} is registered already.`)
  if (mode === 'replace' && !exists) return problem('customer-unknown', `There is no customer ${customerId}.`)
  return []
}

function tenantProblems(
  row: Declaration,
  claim: { readonly customerId: string; readonly claimed: ReadonlyMap<string, string> },
): RowProblem[] {
  const stated = row.tenants ?? row.moreTenants ?? []
  return stated.flatMap((tenant, index) => {
    const holder = claim.claimed.get(tenantKey(tenant))
    if (holder === undefined || holder === claim.customerId) return []
    const detail = `The tenant ${tenant.id} of ${tenant.system} belongs to ${holder}.`
    return [{ code: 'tenant-taken' as const, pointer: `/tenants/${index}`, detail }]
  })
}

const sameFacts = (before: Customer, next: Pick<Customer, 'declaration' | 'tenants'>): boolean =>
  canonicalJson([before.declaration, before.tenants.map(tenantKey).sort()]) ===
  canonicalJson([next.declaration, next.tenants.map(tenantKey).sort()])
