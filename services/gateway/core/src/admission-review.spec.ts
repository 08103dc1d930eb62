import fc from 'fast-check'
import { admissionReview } from './admission-review.js'

const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u-1' } }
const reasons = [{ code: 'unknown-sku', sentence: 'The machine type is not listed.' }]

describe('admissionReview', () => {
  it('lets an approval through', () => {
    expect(admissionReview(review, { outcome: 'approve', reasons }).response).toEqual({
      uid: 'u-1',
      allowed: true,
      auditAnnotations: { outcome: 'approve', reasons: 'unknown-sku' },
    })
  })
  it('answers a hold as a refusal with its case', () => {
    const { response } = admissionReview(review, { outcome: 'hold', reasons, caseId: 'c-7' })
    expect(response).toMatchObject({
      allowed: false,
      status: { code: 403, message: expect.stringContaining('case c-7') },
      auditAnnotations: { case: 'c-7' },
    })
    expect(response.warnings).toEqual(['unknown-sku: The machine type is not listed.'])
  })
  it('is bounded and allows nothing but an approval', () => {
    const many = fc.array(fc.record({ code: fc.string(), sentence: fc.string({ maxLength: 5000 }) }), { maxLength: 50 })
    fc.assert(
      fc.property(fc.jsonValue(), many, fc.constantFrom('hold' as const, 'deny' as const), (body, told, outcome) => {
        const { response } = admissionReview(body, { outcome, reasons: told })
        expect(response.allowed).toBe(false)
        expect(JSON.stringify(response).length).toBeLessThan(20_000)
        for (const warning of response.warnings ?? []) expect(warning.length).toBeLessThanOrEqual(120)
      }),
    )
  })
})
