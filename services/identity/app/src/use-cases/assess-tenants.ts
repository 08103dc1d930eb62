import { assess, buildOwnershipGraph, screenedParties, screeningKeys, type Assessment, type OwnershipGraph } from '@weir/identity-core'
import { Fault } from '@weir/kernel'
import type { Transaction } from '@weir/persistence'
import { digestOf, emptyListDigest } from './digest.js'
import { tenantKey, type ActiveList, type Customer, type Stores, type Tenant } from './ports.js'

export interface Pins {
  readonly lists: string
  readonly ownership: string
}

export interface TenantAssessment {
  readonly customerId: string | undefined
  readonly assessment: Assessment
  readonly pins: Pins
  /** of the assessment without pins and time: equal digests say the same about the tenant */
  readonly contentDigest: string
}

type TenantAssessor = (tenant: Tenant | undefined) => TenantAssessment

const unknownSubject = digestOf(null)

/** Reads what is needed for these tenants in bulk; the answer then needs no further look-up. */
export async function assessTenants(
  stores: Pick<Stores, 'lists' | 'customers'>,
  tx: Transaction,
  asked: { readonly list: ActiveList | undefined; readonly tenants: readonly (Tenant | undefined)[] },
): Promise<TenantAssessor> {
  const stated = new Map(asked.tenants.flatMap((tenant) => (tenant === undefined ? [] : [[tenantKey(tenant), tenant] as const])))
  const customers = await stores.customers.ofTenants(tx, [...stated.values()])
  const distinct = new Map([...customers.values()].map((customer) => [customer.customerId, customer]))
  const known = await assessCustomers(stores, tx, { list: asked.list, customers: [...distinct.values()] })
  const ofNobody = (tenantStated: boolean): TenantAssessment => {
    const assessment = assess({ subject: undefined, tenantStated, index: asked.list === undefined ? undefined : new Map() })
    return {
      customerId: undefined,
      assessment,
      pins: { lists: asked.list?.digest ?? emptyListDigest, ownership: unknownSubject },
      contentDigest: digestOf(assessment),
    }
  }
  return (tenant) => {
    const customerId = tenant === undefined ? undefined : customers.get(tenantKey(tenant))?.customerId
    return (customerId === undefined ? undefined : known.get(customerId)) ?? ofNobody(tenant !== undefined)
  }
}

/** By customer id. */
export async function assessCustomers(
  stores: Pick<Stores, 'lists'>,
  tx: Transaction,
  asked: { readonly list: ActiveList | undefined; readonly customers: readonly Customer[] },
): Promise<ReadonlyMap<string, TenantAssessment>> {
  const { list } = asked
  const graphs = asked.customers.map((customer) => ({ customer, graph: graphOf(customer) }))
  const names = screeningKeys(graphs.flatMap(({ graph }) => screenedParties(graph)))
  const index = list === undefined ? undefined : await stores.lists.entriesByName(tx, { listId: list.listId, names })
  return new Map(
    graphs.map(({ customer, graph }) => {
      const assessment = assess({ subject: { customer: customer.declaration, graph }, tenantStated: true, index })
      const pins = { lists: list?.digest ?? emptyListDigest, ownership: customer.ownershipDigest }
      return [customer.customerId, { customerId: customer.customerId, assessment, pins, contentDigest: digestOf(assessment) }]
    }),
  )
}

export class IdentityFault extends Fault<'stored-declaration-refused'> {}

function graphOf(customer: Customer): OwnershipGraph {
  const graph = buildOwnershipGraph(customer.declaration)
  if (graph.ok) return graph.value
  throw new IdentityFault({
    code: 'stored-declaration-refused',
    message: `The stored declaration of ${customer.customerId} is refused: ${graph.refusal.map((problem) => problem.detail).join(' ')}`,
  })
}
