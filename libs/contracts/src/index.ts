export { catalog, outside, serviceNames, type EventData, type EventType, type ServiceName, type TopicName } from './catalog.js'
export { envelope, type Envelope } from './envelope.js'
export {
  acceleratorCount,
  canonicalRequest,
  submittedRequest,
  type AcceleratorCount,
  type AcceleratorTotals,
  type CanonicalRequest,
  type Sku,
  type SubmittedRequest,
  type TenantRef,
} from './gateway/canonical-request.v1.js'
export { answer, type Answer } from './gateway/decision-answered.v1.js'
export {
  finding,
  layer,
  legalStatus,
  outcome,
  reason,
  type Finding,
  type LegalStatus,
  type Outcome,
  type Reason,
} from './adjudication/reason.js'
export { decisionSections, type DecisionMade, type DecisionSections } from './adjudication/decision-made.v1.js'
export type { IdentityAssessed } from './identity/identity-assessed.v1.js'
export type { WorkloadClassified } from './classification/workload-classified.v1.js'
export type { EntryRecorded } from './ledger/entry-recorded.v1.js'
export { license, type License } from './adjudication/license-registered.v1.js'
export { reportReleased, type ReportReleased } from './reports/report-released.v1.js'
export { pendingRequest, sourceResults, type PendingRequest, type SourceResults } from './http/gateway-routes.js'
export { importedCustomer, importReport, type ImportedCustomer, type ImportReport } from './http/identity-routes.js'
export { parkedKeys, redriveCommand, redriven, type ParkedKeys, type RedriveCommand } from './http/operations-routes.js'
export { problem, type Problem } from './http/problem.js'
export { routes } from './http/routes.js'
