import type { z } from 'zod'
import { customer } from './customer-registered.v1.js'

/**
 * When: a customer's tenants, name or identification changed.
 * A consumer may conclude: the listed tenants replace the earlier list of this customer.
 */
export const customerChanged = customer
export type CustomerChanged = z.infer<typeof customerChanged>
