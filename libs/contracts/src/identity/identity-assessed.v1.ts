import { z } from 'zod'
import { tenantRef } from '../gateway/canonical-request.v1.js'

const country = z.string().regex(/^[A-Z]{2}$/)
const digest = z.string().regex(/^[0-9a-f]{64}$/)
/** 0 to 100 */
const percent = z.number().min(0).max(100)

/** A party found by walking declared ownership upwards from the customer. */
export const owner = z.object({
  partyId: z.string().max(200),
  name: z.string().max(500),
  /** where it is headquartered; absent: unknown */
  headquarters: country.optional(),
  /** its share of the customer, multiplied along each path and summed over paths; absent: not declared */
  sharePercent: percent.optional(),
  /** party ids from the customer's direct owner up to this one */
  path: z.array(z.string().max(200)).min(1).max(32),
})

export const listHit = z.object({
  /** the list's short name as published, e.g. `SDN`, `EL` */
  list: z.string().max(100),
  entryId: z.string().max(200),
  entryName: z.string().max(500),
  partyId: z.string().max(200),
  partyName: z.string().max(500),
  relation: z.enum(['self', 'owner']),
  method: z.enum(['exact-normalized-name']),
})

/**
 * When: identity answered who stands behind the tenant of one ask (or, reassessed, when that answer changed).
 * A consumer may conclude: for this ask, this is all that identity knows; an absent field is unknown, never "no".
 */
export const identityAssessed = z.object({
  requestId: z.uuid(),
  ask: z.int().min(1),
  assessedAt: z.iso.datetime(),
  tenantRef: tenantRef.optional(),
  subject: z.discriminatedUnion('state', [
    z.object({ state: z.literal('unknown-tenant') }),
    z.object({
      state: z.literal('known'),
      customerId: z.string().max(200),
      name: z.string().max(500),
      registeredIn: country.optional(),
      headquarters: country.optional(),
      /** the party at the top of the majority chain; the customer itself where it declares no majority owner above it */
      ultimateParent: z.object({ partyId: z.string().max(200), name: z.string().max(500), headquarters: country.optional() }).optional(),
      /** true: the declared owners account for the majority at every step up to an ultimate parent */
      ownershipComplete: z.boolean(),
      owners: z.array(owner).max(500),
    }),
  ]),
  hits: z.array(listHit).max(200),
  /** sum of the customer's shares held, directly or through others, by listed parties; absent: not computable */
  listedOwnershipPercent: percent.optional(),
  redFlags: z.array(z.object({ code: z.string().max(100), sentence: z.string().max(500) })).max(50),
  pins: z.object({ lists: digest, ownership: digest }),
})
export type IdentityAssessed = z.infer<typeof identityAssessed>
