import type { NewEvent, UnitOfWork } from '@weir/messaging'
import { ProblemError } from '@weir/service-host'
import { emitDeclared } from '../outbound/emit-declared.js'
import { applyPlans, planCustomers } from '../use-cases/declare-customers.js'
import type { Declaration, DeclareMode, RowProblem } from '../use-cases/plan-declarations.js'
import type { Stores } from '../use-cases/ports.js'

interface OneDeclaration {
  readonly row: Declaration
  readonly mode: DeclareMode
  readonly by: string
  readonly cause: NewEvent['cause']
}

export interface DeclaredAnswer {
  readonly customerId: string
  readonly revision: number
  readonly changed: boolean
  readonly ownershipDigest: string
  readonly tenants: readonly { readonly system: string; readonly id: string }[]
  /** asks whose assessment changed with it */
  readonly reassessed: number
}

export async function declareOne(stores: Stores, unit: UnitOfWork, one: OneDeclaration): Promise<DeclaredAnswer> {
  const planned = await planCustomers(stores, unit.tx, { mode: one.mode, rows: [one.row] })
  const [plan] = planned.plans
  if (plan === undefined) throw new Error('a row went without a plan')
  if (plan.action === 'refused') throw refusalOf(plan.problems)
  const declared = await applyPlans(stores, unit, { ...planned, by: one.by })
  emitDeclared(unit, { declared, cause: one.cause })
  const { customerId, revision, ownershipDigest, tenants } = plan.action === 'unchanged' ? plan.before : plan.next
  const changed = plan.action !== 'unchanged'
  return { customerId, revision, changed, ownershipDigest, tenants, reassessed: declared.reassessed.length }
}

export const unknownCustomer = (customerId: string): ProblemError =>
  new ProblemError({
    status: 404,
    code: 'customer-unknown',
    title: 'There is no such customer.',
    detail: `${customerId} is not registered.`,
  })

function refusalOf(problems: readonly RowProblem[]): ProblemError {
  const [first] = problems
  const errors = problems.map(({ pointer, detail }) => ({ pointer, detail }))
  const detail = first?.detail ?? 'The declaration is refused.'
  switch (first?.code) {
    case 'customer-unknown':
      return new ProblemError({ status: 404, code: 'customer-unknown', title: 'There is no such customer.', detail })
    case 'customer-exists':
      return new ProblemError({ status: 409, code: 'customer-exists', title: 'The customer is registered already.', detail, errors })
    case 'tenant-taken':
      return new ProblemError({ status: 409, code: 'tenant-taken', title: 'A tenant belongs to one customer.', detail, errors })
    case 'customer-repeated':
    case 'declaration-refused':
    case 'row-refused':
    case undefined:
      return new ProblemError({ status: 422, code: 'declaration-refused', title: 'The declaration contradicts itself.', detail, errors })
  }
}
