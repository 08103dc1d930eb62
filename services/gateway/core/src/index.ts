export { type AdaptedEvent, type AdapterContext, type AdapterResult, type Reason, type ReasonCode } from './adapted-event.js'
export { adaptCloudTrailRecord } from './adapters/aws-cloudtrail.js'
export { NATIVE_TYPE } from './adapters/cloudevents.js'
export { adapt, isPlatform, MAX_EVENTS, PLATFORMS, type Platform } from './adapters/registry.js'
export { admissionReview, type AdmissionAnswer, type AdmissionReviewResponse } from './admission-review.js'
export type {
  AcceleratorCount,
  AcceleratorTotals,
  ActOutcome,
  CanonicalRequest,
  CountRange,
  Enforcement,
  Principal,
  RequestAction,
  Sku,
  TenantRef,
} from './canonical-request.js'
export { epochOf, instant, instantText } from './instant.js'
export { mergeStep, type MergedStep } from './merge-step.js'
export {
  roomFor,
  type Admission,
  type Load,
  type LoadFacts,
  type LoadSignal,
  type Raised,
  type RefusalCode,
  type RoomLimits,
} from './room.js'
export { validateAgainstClock, type FieldProblem } from './validate-against-clock.js'
