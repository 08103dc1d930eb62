import { z } from 'zod'
import { canonicalRequest, submittedRequest } from '../gateway/canonical-request.v1.js'
import { answer } from '../gateway/decision-answered.v1.js'
import type { Route } from './route.js'

/** The request is stored; its answer is at `Location`. */
export const pendingRequest = z.object({ id: z.uuid(), state: z.literal('pending') })
export type PendingRequest = z.infer<typeof pendingRequest>

const eventResult = z.object({
  result: z.enum(['request', 'needs-lookup', 'ignored', 'unreadable']),
  /** names the field or the kind of event */
  reason: z.string(),
  /** one per request that the event asks for, as the body states it, with the id it got */
  requests: z.array(canonicalRequest.extend({ id: z.uuid() })),
})

export const sourceResults = z.object({ results: z.array(eventResult) })
export type SourceResults = z.infer<typeof sourceResults>

/** With `answer=admission`: admission.k8s.io/v1 AdmissionReview, the answer that the API server waits for. */
const admissionAnswer = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal('AdmissionReview'),
  response: z.looseObject({ uid: z.string(), allowed: z.boolean() }),
})

/** As the platform emits it: one record or a list of them; CloudEvents may also come in binary mode. */
const platformRecord = z.union([z.looseObject({}), z.array(z.looseObject({}))])

/** Nothing was accepted; `Retry-After` says when to send the same request again, under the same idempotency key. */
const noRoom = { 429: 'application/problem+json', 503: 'application/problem+json' }

export const gatewayRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/provisioning-requests:decide',
    summary:
      'Asks, and waits for the recorded decision: 2 seconds, or as `Prefer: wait=n` says, up to 10. 202 where it takes longer, and at once under load; never an approval without a receipt.',
    scope: 'requests:decide',
    idempotent: true,
    request: submittedRequest,
    responses: { 200: answer, 202: pendingRequest, ...noRoom },
  },
  {
    method: 'POST',
    path: '/v1/provisioning-requests:submit',
    summary: 'Asks without waiting.',
    scope: 'requests:decide',
    idempotent: true,
    request: submittedRequest,
    responses: { 202: pendingRequest, ...noRoom },
  },
  {
    method: 'GET',
    path: '/v1/provisioning-requests/:id',
    summary: 'The current answer; 202 while there is none.',
    scope: 'requests:read',
    responses: { 200: answer, 202: pendingRequest },
  },
  {
    method: 'GET',
    path: '/v1/provisioning-requests/:id/receipt',
    summary: 'The receipt of the current answer: a c2sp.org/tlog-proof@v1 that anybody can verify offline.',
    scope: 'requests:read',
    responses: { 200: 'text/plain' },
  },
  {
    method: 'GET',
    path: '/v1/provisioning-requests/:id/entry',
    summary: 'The exact bytes of the log entry that the receipt proves.',
    scope: 'requests:read',
    responses: { 200: z.looseObject({ request: z.uuid(), revision: z.int().min(1), sections: z.record(z.string(), z.string()) }) },
  },
  {
    method: 'POST',
    path: '/v1/sources/:platform/events',
    summary:
      'Takes records as the platform emits them, one result per event in their order. An Idempotency-Key is optional. `answer=admission` (kubernetes-admission) waits for the decision and answers with an AdmissionReview.',
    scope: 'sources:write',
    query: z.object({ answer: z.literal('admission').optional() }),
    request: platformRecord,
    responses: { 200: z.union([sourceResults, admissionAnswer]), ...noRoom },
  },
  {
    method: 'GET',
    path: '/livez',
    summary: 'Whether the process runs.',
    responses: { 200: z.object({ status: z.literal('ok') }) },
  },
  {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether it may be given work: every check by name, `ok` or the reason why not; 503 where one of them is not.',
    responses: {
      200: z.object({
        status: z.enum(['ready', 'not-ready']),
        reasons: z.record(z.string(), z.string()),
        checks: z.record(z.string(), z.string()).optional(),
      }),
      503: 'not ready',
    },
  },
]
