import { at, text } from './read.js'

export interface AdmissionAnswer {
  readonly outcome: 'approve' | 'hold' | 'deny'
  /** ordered; the first one decided */
  readonly reasons: readonly { readonly code: string; readonly sentence: string }[]
  readonly caseId?: string | undefined
}

export interface AdmissionReviewResponse {
  apiVersion: string
  kind: 'AdmissionReview'
  response: {
    uid: string
    allowed: boolean
    status?: { code: number; reason: string; message: string }
    warnings?: string[]
    auditAnnotations: Record<string, string>
  }
}

// kubectl cuts a warning at 120 characters and the API server drops them all beyond 4096.
const MAX_WARNING = 120
const MAX_WARNINGS = 10
const MAX_MESSAGE = 1024

const cut = (value: string, max: number): string =>
  (value.length <= max ? value : `${value.slice(0, max - 1)}…`).replaceAll(/[\u0000-\u001f\u007f]/g, ' ')

function messageOf({ outcome, reasons, caseId }: AdmissionAnswer): string {
  const told = reasons.map(({ sentence }) => sentence).join(' ')
  switch (outcome) {
    case 'approve':
      return told
    case 'hold':
      return `Held for review${caseId === undefined ? '' : ` in case ${caseId}`}. Apply the same object again once the case is resolved. ${told}`
    case 'deny':
      return `Denied. ${told}`
  }
}

/** The answer to an AdmissionReview. A webhook cannot wait for people, so a hold is a refusal that says when to try again. */
export function admissionReview(review: unknown, answer: AdmissionAnswer): AdmissionReviewResponse {
  const { outcome, reasons, caseId } = answer
  const allowed = outcome === 'approve'
  const warnings = allowed ? [] : reasons.slice(0, MAX_WARNINGS).map(({ code, sentence }) => cut(`${code}: ${sentence}`, MAX_WARNING))
  const message = cut(messageOf(answer), MAX_MESSAGE)
  return {
    apiVersion: text(at(review, 'apiVersion'), 100) ?? 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: text(at(review, 'request', 'uid')) ?? '',
      allowed,
      ...(allowed ? {} : { status: { code: 403, reason: outcome === 'hold' ? 'Held' : 'Forbidden', message } }),
      ...(warnings.length > 0 ? { warnings } : {}),
      auditAnnotations: {
        outcome,
        reasons: cut(reasons.map(({ code }) => code).join(','), MAX_MESSAGE),
        ...(caseId === undefined ? {} : { case: cut(caseId, 200) }),
      },
    },
  }
}
