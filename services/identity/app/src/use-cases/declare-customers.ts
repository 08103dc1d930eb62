import type { UnitOfWork } from '@weir/messaging'
import type { Transaction } from '@weir/persistence'
import type { AskAnswer } from './assess-asks.js'
import { reassessAsks } from './reassess-asks.js'
import { planDeclarations, type Declaration, type DeclareMode, type PlannedCustomer, type RowPlan } from './plan-declarations.js'
import { tenantKey, type ActiveList, type Stores } from './ports.js'

export interface DeclareCommand {
  readonly mode: DeclareMode
  readonly rows: readonly Declaration[]
  readonly by: string
}

export interface DeclaredCustomers {
  readonly registered: readonly PlannedCustomer[]
  readonly changed: readonly PlannedCustomer[]
  /** asks whose assessment is another one now */
  readonly reassessed: readonly AskAnswer[]
}

export interface PlannedDeclarations {
  readonly plans: readonly RowPlan[]
  readonly list: ActiveList | undefined
}

export async function planCustomers(stores: Stores, tx: Transaction, command: Omit<DeclareCommand, 'by'>): Promise<PlannedDeclarations> {
  const list = await stores.lists.holdActive(tx, 'share')
  await stores.customers.holdDeclarations(tx)
  const known = await stores.customers.loadForUpdate(tx, [...new Set(command.rows.map((row) => row.declaration.customerId))].sort())
  const named = command.rows.flatMap((row) => [...(row.tenants ?? []), ...(row.moreTenants ?? [])])
  const distinct = new Map(named.map((tenant) => [tenantKey(tenant), tenant]))
  const holders = await stores.customers.ofTenants(tx, [...distinct.values()])
  const plans = planDeclarations(command.rows, {
    mode: command.mode,
    known,
    holders: new Map([...holders].map(([key, customer]) => [key, customer.customerId])),
  })
  return { plans, list }
}

/** Writes what was planned in the same transaction. */
export async function applyPlans(
  stores: Stores,
  unit: UnitOfWork,
  planned: PlannedDeclarations & { readonly by: string },
): Promise<DeclaredCustomers> {
  const registered = planned.plans.flatMap((plan) => (plan.action === 'create' ? [plan.next] : []))
  const changes = planned.plans.flatMap((plan) => (plan.action === 'change' ? [plan] : []))
  const changed = changes.map((plan) => plan.next)
  await stores.customers.save(unit.tx, { customers: [...registered, ...changed], by: planned.by, at: unit.now })
  const left = changes.flatMap(({ before, next }) => {
    const kept = new Set(next.tenants.map(tenantKey))
    return before.tenants.filter((tenant) => !kept.has(tenantKey(tenant)))
  })
  // Asks of tenants that became known just now are asked again by the gateway, under their customer's key.
  const scope = { customers: changed.map((customer) => customer.customerId), tenants: left }
  const reassessed = changed.length === 0 ? [] : await reassessAsks(stores, unit, { list: planned.list, scope })
  return { registered, changed, reassessed }
}
