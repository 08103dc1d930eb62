import type { z } from 'zod'
import { caseActed } from './adjudication/case-acted.v1.js'
import { caseOpened } from './adjudication/case-opened.v1.js'
import { caseResolved } from './adjudication/case-resolved.v1.js'
import { decisionMade } from './adjudication/decision-made.v1.js'
import { licenseConsumed } from './adjudication/license-consumed.v1.js'
import { licenseRegistered } from './adjudication/license-registered.v1.js'
import { licenseReleased } from './adjudication/license-released.v1.js'
import { licenseReserved } from './adjudication/license-reserved.v1.js'
import { policyActivated } from './adjudication/policy-activated.v1.js'
import { workloadClassified } from './classification/workload-classified.v1.js'
import { workloadReclassified } from './classification/workload-reclassified.v1.js'
import { decisionAnswered } from './gateway/decision-answered.v1.js'
import { provisioningFailed } from './gateway/provisioning-failed.v1.js'
import { provisioningReleased } from './gateway/provisioning-released.v1.js'
import { provisioningRequested } from './gateway/provisioning-requested.v1.js'
import { provisioningStarted } from './gateway/provisioning-started.v1.js'
import { customerChanged } from './identity/customer-changed.v1.js'
import { customerRegistered } from './identity/customer-registered.v1.js'
import { identityAssessed } from './identity/identity-assessed.v1.js'
import { identityReassessed } from './identity/identity-reassessed.v1.js'
import { listActivated } from './identity/list-activated.v1.js'
import { entryRecorded } from './ledger/entry-recorded.v1.js'
import { reportReleased } from './reports/report-released.v1.js'

export const serviceNames = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports'] as const
export type ServiceName = (typeof serviceNames)[number]

export type TopicName =
  | 'weir.intake'
  | 'weir.answers'
  | 'weir.provisioning'
  | 'weir.customers'
  | 'weir.identity'
  | 'weir.classification'
  | 'weir.decisions'
  | 'weir.ledger'
  | 'weir.reports'

interface CatalogEntry {
  readonly owner: ServiceName
  readonly topic: TopicName
  readonly consumers: readonly ServiceName[]
  readonly schema: z.ZodType
}

/** Every event: who may write it, where, and who reads it. The key is always the customer's (see `envelope`). */
export const catalog = {
  'weir.provisioning.requested.v1': {
    owner: 'gateway',
    topic: 'weir.provisioning',
    consumers: ['identity', 'classification', 'adjudication'],
    schema: provisioningRequested,
  },
  'weir.provisioning.started.v1': {
    owner: 'gateway',
    topic: 'weir.provisioning',
    consumers: ['adjudication'],
    schema: provisioningStarted,
  },
  'weir.provisioning.failed.v1': { owner: 'gateway', topic: 'weir.provisioning', consumers: ['adjudication'], schema: provisioningFailed },
  'weir.provisioning.released.v1': {
    owner: 'gateway',
    topic: 'weir.provisioning',
    consumers: ['adjudication'],
    schema: provisioningReleased,
  },
  'weir.decision.answered.v1': { owner: 'gateway', topic: 'weir.answers', consumers: [], schema: decisionAnswered },
  'weir.customer.registered.v1': { owner: 'identity', topic: 'weir.customers', consumers: ['gateway'], schema: customerRegistered },
  'weir.customer.changed.v1': { owner: 'identity', topic: 'weir.customers', consumers: ['gateway'], schema: customerChanged },
  'weir.list.activated.v1': { owner: 'identity', topic: 'weir.customers', consumers: [], schema: listActivated },
  'weir.identity.assessed.v1': { owner: 'identity', topic: 'weir.identity', consumers: ['adjudication'], schema: identityAssessed },
  'weir.identity.reassessed.v1': { owner: 'identity', topic: 'weir.identity', consumers: ['adjudication'], schema: identityReassessed },
  'weir.workload.classified.v1': {
    owner: 'classification',
    topic: 'weir.classification',
    consumers: ['adjudication'],
    schema: workloadClassified,
  },
  'weir.workload.reclassified.v1': {
    owner: 'classification',
    topic: 'weir.classification',
    consumers: ['adjudication'],
    schema: workloadReclassified,
  },
  'weir.decision.made.v1': {
    owner: 'adjudication',
    topic: 'weir.decisions',
    consumers: ['ledger', 'gateway', 'reports'],
    schema: decisionMade,
  },
  'weir.case.opened.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: [], schema: caseOpened },
  'weir.case.acted.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: [], schema: caseActed },
  'weir.case.resolved.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: ['ledger'], schema: caseResolved },
  'weir.license.registered.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: ['ledger'], schema: licenseRegistered },
  'weir.license.reserved.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: [], schema: licenseReserved },
  'weir.license.consumed.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: [], schema: licenseConsumed },
  'weir.license.released.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: [], schema: licenseReleased },
  'weir.policy.activated.v1': { owner: 'adjudication', topic: 'weir.decisions', consumers: ['ledger'], schema: policyActivated },
  'weir.entry.recorded.v1': { owner: 'ledger', topic: 'weir.ledger', consumers: ['gateway', 'reports'], schema: entryRecorded },
  'weir.report.released.v1': { owner: 'reports', topic: 'weir.reports', consumers: ['ledger'], schema: reportReleased },
} as const satisfies Record<string, CatalogEntry>

/** What the systems around Weir may do with topics: bring in what `takenBy` reads, and read the answers. */
export const outside = { writes: 'weir.intake', takenBy: 'gateway', reads: 'weir.answers' } as const satisfies {
  readonly writes: TopicName
  readonly takenBy: ServiceName
  readonly reads: TopicName
}

export type EventType = keyof typeof catalog
export type EventData<T extends EventType> = z.infer<(typeof catalog)[T]['schema']>
