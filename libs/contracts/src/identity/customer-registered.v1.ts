import { z } from 'zod'
import { tenantRef } from '../gateway/canonical-request.v1.js'

export const customer = z.object({
  customerId: z.string().min(1).max(200),
  name: z.string().min(1).max(500),
  tenants: z.array(tenantRef).max(1000),
})

/**
 * When: identity registered a customer.
 * A consumer may conclude: every listed tenant belongs to this customer from now on; a tenant belongs to one customer.
 */
export const customerRegistered = customer
export type CustomerRegistered = z.infer<typeof customerRegistered>
