import fc from 'fast-check'
import type { ActOutcome, CanonicalRequest } from './canonical-request.js'
import { mergeStep } from './merge-step.js'

const base: CanonicalRequest = {
  source: 'gcp-auditlog',
  sourceEventId: 'first',
  action: 'create',
  enforcement: 'post',
  skus: [{ raw: 'a3-highgpu-8g', count: 1, accelerators: [{ model: 'nvidia-h100-sxm5-80gb', count: 8 }] }],
  requestedCount: { min: 1, max: 1 },
  grantedCount: null,
  accelerators: [{ model: 'nvidia-h100-sxm5-80gb', count: 8 }],
  outcome: 'pending',
}
const bare: CanonicalRequest = { ...base, sourceEventId: 'later', skus: [], accelerators: 'unknown', grantedCount: 1, outcome: 'succeeded' }

describe('mergeStep', () => {
  it('a later end moves the outcome and keeps what the first record named', () => {
    expect(mergeStep(base, bare)).toEqual({ request: { ...base, grantedCount: 1, outcome: 'succeeded' }, moved: 'started', changed: false })
  })
  it('a step that names the hardware changes the request', () => {
    const { request, changed } = mergeStep(bare, base)
    expect([request.accelerators, request.outcome, request.sourceEventId, changed]).toEqual([base.accelerators, 'succeeded', 'later', true])
  })
  it('told twice nothing moves', () => {
    const { request } = mergeStep(base, bare)
    expect(mergeStep(request, bare)).toEqual({ request, moved: 'none', changed: false })
  })
  it('an answered write turns a creation into a resize', () => {
    expect(mergeStep(base, { ...bare, action: 'resize' })).toMatchObject({ request: { action: 'resize' }, changed: true })
  })
  it('a release leaves the ask as it was', () => {
    const release: CanonicalRequest = { source: 'slurm', action: 'delete', enforcement: 'post', skus: [], outcome: 'succeeded' }
    expect(mergeStep(base, release)).toEqual({ request: base, moved: 'released', changed: false })
    expect(mergeStep(base, { ...release, outcome: 'failed' }).moved).toBe('none')
    expect(mergeStep({ ...release, outcome: 'pending' }, release).moved).toBe('released')
  })
  it('any order of the same steps ends the same, and an end is never undone', () => {
    const outcomes = fc.array(fc.constantFrom<ActOutcome>('pending', 'failed', 'succeeded'), { minLength: 1, maxLength: 6 })
    const end = (steps: readonly ActOutcome[]) =>
      steps.reduce((request, outcome) => mergeStep(request, { ...bare, outcome }).request, base).outcome
    fc.assert(fc.property(outcomes, (steps) => expect(end(steps)).toBe(end([...steps].reverse()))))
    expect(end(['succeeded', 'pending', 'failed'])).toBe('succeeded')
  })
})
