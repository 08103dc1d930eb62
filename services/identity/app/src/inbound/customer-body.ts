import type { CustomerDeclaration, DeclaredParty } from '@weir/identity-core'
import { maxOwners, maxOwnershipDepth } from '@weir/identity-core'
import { ProblemError } from '@weir/service-host'
import { z } from 'zod'

const country = z.string().regex(/^[A-Z]{2}$/, 'Expected an ISO 3166-1 code of two capital letters.')
// What PostgreSQL and canonical JSON cannot hold is refused here, not found out later.
const isStorable = (value: string) => value.isWellFormed() && !value.includes('\0')
const storable = 'Expected Unicode text without NUL.'
const text = (max: number) => z.string().trim().min(1).max(max).refine(isStorable, storable)
/** a tenant is named exactly as in the platform's records */
const exactText = (max: number) => z.string().min(1).max(max).refine(isStorable, storable)
const name = text(500)
const identifier = text(200)
const aliases = z.array(name).max(50).optional()

export const tenantBody = z.strictObject({ system: exactText(100), id: exactText(300) })

const declaredParty: z.ZodType<DeclaredParty> = z.lazy(() =>
  z.strictObject({
    partyId: identifier,
    name,
    aliases,
    kind: z.enum(['company', 'person']).optional(),
    headquarters: country.optional(),
    sharePercent: z.number().gt(0).max(100).optional(),
    noneAbove: z.boolean().optional(),
    owners: z.array(declaredParty).max(maxOwners).optional(),
  }),
)

const identification = {
  name,
  aliases,
  registeredIn: country.optional(),
  headquarters: country.optional(),
  noneAbove: z.boolean().optional(),
  owners: z.array(declaredParty).max(maxOwners).optional(),
}

export const registrationBody = z.strictObject({
  customerId: identifier,
  ...identification,
  tenants: z.array(tenantBody).max(1000).default([]),
})
export type RegistrationBody = z.infer<typeof registrationBody>

export const replacementBody = z.strictObject({ ...identification, tenants: z.array(tenantBody).max(1000).optional() })

export const importedRow = z.strictObject({ ...registrationBody.shape, tenants: z.array(tenantBody).max(1000).optional() })

export const tenantsBody = z.union([z.strictObject({ tenants: z.array(tenantBody).min(1).max(1000) }), tenantBody])

type Identification = Omit<CustomerDeclaration, 'customerId'>

/** Only what is stated: an absent member stays absent, so that equal declarations have equal digests. */
export const declarationOf = (customerId: string, body: Identification): CustomerDeclaration => ({
  customerId,
  name: body.name,
  aliases: body.aliases,
  registeredIn: body.registeredIn,
  headquarters: body.headquarters,
  noneAbove: body.noneAbove,
  owners: body.owners,
})

/** Before a schema follows the nesting: a body may be nested deeper than a call stack is. */
export function refuseDeepOwners(body: unknown): void {
  let level: readonly unknown[] = [body]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxOwnershipDepth) {
      throw new ProblemError({
        status: 422,
        code: 'invalid-body',
        title: 'The body does not have the required form.',
        errors: [{ pointer: '', detail: `Owners are declared more than ${maxOwnershipDepth} steps up.` }],
      })
    }
    level = level.flatMap(ownersOf)
  }
}

const ownersOf = (party: unknown): readonly unknown[] =>
  typeof party === 'object' && party !== null && 'owners' in party && Array.isArray(party.owners) ? party.owners : []
