import { z } from 'zod'
import { country, digest, instant, listOf, type Route } from './route.js'

const name = z.string().min(1).max(500)
const aliases = z.array(name).max(50).optional()
const tenant = z.strictObject({ system: z.string().min(1).max(100), id: z.string().min(1).max(300) })
const customerId = z.string().min(1).max(200)

const party = {
  partyId: customerId,
  name,
  aliases,
  kind: z.enum(['company', 'person']).optional(),
  headquarters: country.optional(),
  sharePercent: z.number().gt(0).max(100).optional(),
  /** true: states that nobody is above this party; without it that stays unknown */
  noneAbove: z.boolean().optional(),
}
const ownersAbove = z.array(z.looseObject({ partyId: customerId, name })).describe('Further owners, each of the same form.')
const owner = z.strictObject({ ...party, owners: ownersAbove.optional() })

const identification = {
  name,
  aliases,
  registeredIn: country.optional(),
  headquarters: country.optional(),
  noneAbove: z.boolean().optional(),
  owners: z.array(owner).optional(),
}

const registration = z.strictObject({ customerId, ...identification, tenants: z.array(tenant).max(1000).default([]) })
const replacement = z.strictObject({ ...identification, tenants: z.array(tenant).max(1000).optional() })
export const importedCustomer = z.strictObject({ customerId, ...identification, tenants: z.array(tenant).max(1000).optional() })
export type ImportedCustomer = z.infer<typeof importedCustomer>

const declared = z.object({
  customerId,
  revision: z.int().min(1),
  changed: z.boolean(),
  ownershipDigest: digest,
  tenants: z.array(tenant),
  /** asks whose assessment changed with it */
  reassessed: z.int().min(0),
})

const summary = z.object({
  customerId,
  name,
  registeredIn: country.optional(),
  headquarters: country.optional(),
  tenants: z.array(tenant),
  revision: z.int().min(1),
  changedAt: instant,
  ownershipDigest: digest,
})

export const importReport = z.object({
  dryRun: z.boolean(),
  summary: z.object({
    rows: z.int(),
    create: z.int(),
    change: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    held: z.int(),
  }),
  rows: z.array(
    z.object({
      row: z.int().min(1),
      customerId: z.string().optional(),
      action: z.enum(['create', 'change', 'unchanged', 'refused']),
      problems: z.array(z.looseObject({ code: z.string(), pointer: z.string(), detail: z.string() })),
      /** why requests of this customer would be held */
      held: z.array(z.unknown()),
      /** stored requests of its tenants */
      requests: z.array(z.string()),
    }),
  ),
  reassessed: z.int().min(0).optional(),
})
export type ImportReport = z.infer<typeof importReport>

const customerRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/customers',
    summary: 'Customers by id; `next` is the `after` of the next page.',
    scope: 'customers:read',
    query: z.object({ after: z.string().max(200).optional(), limit: z.int().min(1).max(500).default(100) }),
    responses: { 200: z.object({ items: z.array(summary), next: customerId.optional() }) },
  },
  {
    method: 'POST',
    path: '/v1/customers',
    summary: 'Registers a customer with its tenants and owners.',
    scope: 'customers:write',
    idempotent: true,
    request: registration,
    responses: { 201: declared },
  },
  {
    method: 'GET',
    path: '/v1/customers/:customerId',
    summary: 'A customer with its declaration, ownership and assessment.',
    scope: 'customers:read',
    responses: {
      200: summary.extend({
        declaration: z.looseObject({ customerId, name }),
        ownership: z.unknown().optional(),
        assessment: z.unknown().optional(),
      }),
    },
  },
  {
    method: 'PUT',
    path: '/v1/customers/:customerId',
    summary: 'Replaces what is declared; without `tenants` these stay as they are.',
    scope: 'customers:write',
    request: replacement,
    responses: { 200: declared },
  },
  {
    method: 'POST',
    path: '/v1/customers/:customerId/tenants',
    summary: 'Adds one tenant or several.',
    scope: 'customers:write',
    idempotent: true,
    request: z.union([z.strictObject({ tenants: z.array(tenant).min(1).max(1000) }), tenant]),
    responses: { 200: declared },
  },
  {
    method: 'POST',
    path: '/v1/customers:import',
    summary:
      'All rows or none, as JSON or text/csv. `dryRun=true` only tells what would happen; without it an Idempotency-Key is required.',
    scope: 'customers:write',
    query: z.object({ dryRun: z.enum(['true', 'false']).optional() }),
    request: z.array(importedCustomer),
    responses: { 200: importReport },
  },
]

export const identityRoutes: readonly Route[] = [
  ...customerRoutes,
  {
    method: 'GET',
    path: '/v1/tenants/gaps',
    summary: 'Tenants that asked without being known.',
    scope: 'customers:read',
    responses: {
      200: listOf(z.object({ ...tenant.shape, requests: z.int().min(1), firstAskedAt: instant, lastAskedAt: instant })),
    },
  },
  {
    method: 'GET',
    path: '/v1/lists',
    summary: 'Screening lists, the newest first; one is in force.',
    scope: 'customers:read',
    responses: {
      200: listOf(
        z.object({
          digest,
          title: z.string(),
          entries: z.int().min(0),
          activatedAt: instant,
          activatedBy: z.string(),
          active: z.boolean(),
        }),
      ),
    },
  },
  {
    method: 'PUT',
    path: '/v1/lists/screening',
    summary: 'Replaces the list in force as a whole; the body is text/csv in the form of the Consolidated Screening List.',
    scope: 'customers:write',
    query: z.object({ title: z.string().max(300).optional() }),
    responses: {
      200: z.object({
        digest,
        title: z.string(),
        entries: z.int().min(0),
        activated: z.boolean(),
        reassessed: z.int().min(0),
      }),
    },
  },
]
