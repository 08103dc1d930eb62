import { z } from 'zod'
import { acceleratorTotals, canonicalRequest, tenantRef } from '../gateway/canonical-request.v1.js'
import { finding, outcome, reason } from './reason.js'
import { salt } from './salt.js'

const digest = z.string().regex(/^[0-9a-f]{64}$/)

/** A part of a decision that is disclosed by itself: the log holds only a digest over [salt, name, value]. */
const section = <T extends z.ZodType>(value: T) => z.object({ salt, value })

const verdict = z.object({ outcome, findings: z.array(finding).max(200) })

export const decisionSections = z.object({
  outcome: section(z.object({ outcome, reasons: z.array(reason).min(1).max(100), caseId: z.uuid().optional() })),
  who: section(
    z.object({
      tenantRef: tenantRef.optional(),
      customerId: z.string().optional(),
      name: z.string().optional(),
      headquarters: z.string().optional(),
      ultimateParent: z.string().optional(),
      ultimateParentHeadquarters: z.string().optional(),
      listed: z.array(z.string()).max(100).optional(),
    }),
  ),
  what: section(
    z.object({
      skus: z.array(z.object({ raw: z.string(), count: z.int() })),
      accelerators: acceleratorTotals.optional(),
      paragraph: z.string().optional(),
      totalTpp: z.number().optional(),
      trainingLevel: z.string().optional(),
    }),
  ),
  where: section(
    z.object({
      region: z.string().optional(),
      country: z.string().optional(),
      operator: z.string().optional(),
      delivery: z.string().optional(),
    }),
  ),
  why: section(z.object({ endUse: z.string().optional(), statement: z.string().optional() })),
  law: section(
    z.object({
      /** what applied */
      findings: z.array(finding).max(200),
      /** rules about hardware and headquarters, had the hardware been shipped to the customer */
      ifShipped: verdict,
      /** announced packs, evaluated beside and without effect; keyed by pack id */
      shadow: z.record(z.string(), verdict),
    }),
  ),
  license: section(
    z.object({
      licenseId: z.string().optional(),
      reservationId: z.uuid().optional(),
      quantity: z.number().optional(),
      unit: z.string().optional(),
    }),
  ),
  people: section(
    z.object({ proposedBy: z.string().optional(), approvedBy: z.string().optional(), note: z.string().max(2000).optional() }),
  ),
  request: section(
    z.object({
      digest,
      source: z.string(),
      sourceEventId: z.string().optional(),
      occurredAt: z.string().optional(),
      action: z.string(),
      enforcement: z.string(),
    }),
  ),
  /** everything that is needed to replay the decision to the same bytes; absent where the fact never arrived */
  pins: section(
    z.object({
      packs: z.record(z.string(), digest),
      lists: digest.optional(),
      ownership: digest.optional(),
      catalog: digest.optional(),
      identityAssessment: digest.optional(),
      workloadVerdict: digest.optional(),
    }),
  ),
})
export type DecisionSections = z.infer<typeof decisionSections>

/**
 * When: adjudication decided a request, or decided it again.
 * A consumer may conclude: this is the revision's final content. It takes effect only with its receipt: whoever acts on
 * it before `entry.recorded` breaks the system's one promise, so the topic is internal.
 */
export const decisionMade = z.object({
  requestId: z.uuid(),
  /** dense from 1; the highest is current */
  revision: z.int().min(1),
  ask: z.int().min(1),
  decidedAt: z.iso.datetime(),
  sections: decisionSections,
  /** the request as it was decided, for whoever answers it; its digest stands in the `request` section */
  request: canonicalRequest,
})
export type DecisionMade = z.infer<typeof decisionMade>
