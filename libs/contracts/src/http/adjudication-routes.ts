import { z } from 'zod'
import { license } from '../adjudication/license-registered.v1.js'
import { finding, legalStatus, outcome, reason } from '../adjudication/reason.js'
import { canonicalRequest } from '../gateway/canonical-request.v1.js'
import { digest, instant, listOf, type Route } from './route.js'

const officer = z.string().max(200)
const note = z.string().min(1).max(2000)

const caseView = z.object({
  caseId: z.uuid(),
  state: z.enum(['open', 'resolved']),
  /** `tenant`: everything that an unknown tenant asks for */
  scope: z.enum(['request', 'tenant']),
  tenantKey: z.string().optional(),
  customerId: z.string().optional(),
  requestIds: z.array(z.uuid()),
  reasons: z.array(reason),
  openedAt: instant,
  proposal: z.object({ outcome: z.enum(['approve', 'deny']), officer, note: z.string(), proposedAt: instant }).optional(),
  resolution: z
    .object({
      resolution: z.enum(['approve', 'deny', 'superseded']),
      proposedBy: officer.optional(),
      approvedBy: officer.optional(),
      note: z.string().optional(),
      resolvedAt: instant,
    })
    .optional(),
})

const caseRequest = z.object({
  requestId: z.uuid(),
  revision: z.int().min(1),
  outcome,
  reasons: z.array(reason),
  findings: z.array(finding),
  ifShipped: z.looseObject({ outcome }),
  request: canonicalRequest,
})

const licenseView = license.extend({ available: z.int().min(0) })

const pack = z.object({ packId: z.string(), digest, title: z.string(), legalStatus, mode: z.enum(['enforced', 'shadow']) })

export const adjudicationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/cases',
    summary: 'Open cases, oldest first; resolved ones, newest first.',
    scope: 'cases:read',
    query: z.object({ state: z.enum(['open', 'resolved']).default('open'), limit: z.int().min(1).max(500).default(100) }),
    responses: { 200: listOf(caseView) },
  },
  {
    method: 'GET',
    path: '/v1/cases/:caseId',
    summary: 'A case with its requests and why they are held.',
    scope: 'cases:read',
    responses: { 200: caseView.extend({ requests: z.array(caseRequest) }) },
  },
  {
    method: 'POST',
    path: '/v1/cases/:caseId:propose',
    summary: 'Proposes how the case should end; another officer decides.',
    scope: 'cases:act',
    idempotent: true,
    request: z.strictObject({ outcome: z.enum(['approve', 'deny']), note }),
    responses: { 200: caseView },
  },
  {
    method: 'POST',
    path: '/v1/cases/:caseId:decide',
    summary: 'Accepts or rejects the proposal of another officer.',
    scope: 'cases:act',
    idempotent: true,
    request: z.strictObject({ accept: z.boolean(), note: z.string().max(2000).default('') }),
    responses: { 200: caseView },
  },
  {
    method: 'GET',
    path: '/v1/licenses',
    summary: 'Licenses and what is left of them.',
    scope: 'licenses:read',
    responses: { 200: listOf(licenseView) },
  },
  {
    method: 'POST',
    path: '/v1/licenses',
    summary: 'Registers a license as the authority issued it.',
    scope: 'licenses:write',
    idempotent: true,
    request: license,
    responses: { 201: licenseView },
  },
  {
    method: 'GET',
    path: '/v1/packs',
    summary: 'Policy packs, in force and in shadow.',
    scope: 'policy:read',
    responses: { 200: listOf(pack) },
  },
]
