import { z } from 'zod'

/** A name as the platform wrote it. */
const text = (max: number) => z.string().min(1).max(max)
const instant = z.iso.datetime({ offset: true })
const count = z.int().min(1).max(1_000_000)

export const acceleratorCount = z.object({
  /** an id of policy/accelerators.csv */
  model: text(120),
  /** pieces; a shared card may be a fraction */
  count: z.number().positive().max(100_000_000),
  form: text(60).optional(),
})

/** `none`: no controlled item. `unknown`: not resolvable. Unknown is never none. */
export const acceleratorTotals = z.union([z.literal('none'), z.literal('unknown'), z.array(acceleratorCount).max(64)])

export const tenantRef = z.object({
  /** the platform, with the installation where ids are only unique within one: `kubernetes:prod-1` */
  system: text(100),
  /** exactly as in the record */
  id: text(300),
})

export const sku = z.object({
  raw: text(200),
  /** machines for a machine type, devices in all for a device */
  count,
  /** per piece, as the sender states them; an empty list states that there is none */
  accelerators: z.union([z.literal('none'), z.literal('unknown'), z.array(acceleratorCount).max(64)]).optional(),
})

/**
 * The one shape that every adapter yields: what a customer of a provider asks for, changes, gives back or shows.
 * A field that is absent was not stated by the record; absent is unknown, never "no".
 */
export const canonicalRequest = z.object({
  /** the adapter's platform name, or what a native sender calls itself */
  source: text(200),
  sourceEventId: text(300).optional(),
  occurredAt: instant.optional(),
  receivedAt: instant.optional(),
  action: z.enum(['create', 'resize', 'start', 'renew', 'delete', 'observe']),
  tenantRef: tenantRef.optional(),
  /** `pre`: the platform waits for the answer; `post`: the record tells of what already happened */
  enforcement: z.enum(['pre', 'post']),
  /** whose machine names these are: aws, azure, gcp, oci, …; decides which SKU table is read */
  provider: text(60).optional(),
  principal: z
    .object({
      type: z.enum(['user', 'role', 'root', 'service', 'serviceAccount', 'application']),
      id: text(500),
      onBehalfOf: text(500).optional(),
    })
    .optional(),
  resource: z.object({ kind: text(100).optional(), id: text(500).optional(), name: text(300).optional() }).optional(),
  region: z
    .object({
      raw: text(100),
      iso3166: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .optional(),
      dataCenter: text(200).optional(),
      operator: text(300).optional(),
    })
    .optional(),
  skus: z.array(sku).max(256),
  /** machines; `min` satisfies the ask, `max` is the most it may take */
  requestedCount: z
    .object({ min: count, max: count })
    .refine((range) => range.min <= range.max, { message: 'min is above max', path: ['min'] })
    .optional(),
  /** machines the record shows as given; null: asked and not answered yet */
  grantedCount: z.int().min(0).max(1_000_000).nullable().optional(),
  accelerators: acceleratorTotals.optional(),
  window: z
    .object({ start: instant.optional(), end: instant.optional() })
    .refine((window) => !window.start || !window.end || Date.parse(window.start) < Date.parse(window.end), {
      message: 'the end is not after the start',
      path: ['end'],
    })
    .optional(),
  /** facts about the workload as `kind:value`, e.g. `kind:PyTorchJob`, `entrypoint:torchrun`, `managed-training-job` */
  workloadHints: z.array(text(200)).max(64).optional(),
  network: z
    .object({
      interconnect: z.enum(['infiniband', 'roce', 'efa', 'nvlink-switch', 'ethernet']).optional(),
      gbpsPerNode: z.number().positive().max(1_000_000).optional(),
      placement: z.enum(['cluster', 'spread', 'none']).optional(),
    })
    .optional(),
  endUse: z
    .object({
      category: z.enum(['ai-training', 'ai-inference', 'rendering', 'simulation', 'general', 'other']).optional(),
      statement: text(2000).optional(),
    })
    .optional(),
  /** how the hardware reaches the customer; absent is read as unknown */
  delivery: z.enum(['remote', 'dedicated-host', 'colocation', 'on-premises', 'reseller-rack']).optional(),
  /** what became of the act itself; the decision's outcome is another thing */
  outcome: z.enum(['pending', 'succeeded', 'failed']).optional(),
  raw: z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/), ref: text(500).optional(), mediaType: text(100).optional() }).optional(),
})

export type AcceleratorCount = z.infer<typeof acceleratorCount>
export type AcceleratorTotals = z.infer<typeof acceleratorTotals>
export type TenantRef = z.infer<typeof tenantRef>
export type Sku = z.infer<typeof sku>
export type CanonicalRequest = z.infer<typeof canonicalRequest>

/** What `:decide`, `:submit` and native CloudEvents must state; all else may be absent. */
export const submittedRequest = canonicalRequest.required({
  sourceEventId: true,
  occurredAt: true,
  tenantRef: true,
  requestedCount: true,
})
export type SubmittedRequest = z.infer<typeof submittedRequest>
