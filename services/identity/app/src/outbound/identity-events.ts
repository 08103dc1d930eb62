import type { Assessment } from '@weir/identity-core'
import type { EventData } from '@weir/contracts'
import type { NewEvent } from '@weir/messaging'
import type { AskAnswer } from '../use-cases/assess-asks.js'
import type { Customer, ListVersion } from '../use-cases/ports.js'

type Cause = NewEvent['cause']
type AssessedData = EventData<'weir.identity.assessed.v1'>

interface Occasion {
  readonly at: Date
  readonly cause: Cause
}

export const assessedEvent = (answer: AskAnswer, occasion: Occasion): NewEvent<'weir.identity.assessed.v1'> => ({
  type: 'weir.identity.assessed.v1',
  subject: answer.ask.requestId,
  key: answer.ask.key,
  data: assessedData(answer, occasion.at),
  cause: occasion.cause,
})

export const reassessedEvent = (answer: AskAnswer, occasion: Occasion): NewEvent<'weir.identity.reassessed.v1'> => ({
  type: 'weir.identity.reassessed.v1',
  subject: answer.ask.requestId,
  key: answer.ask.key,
  data: assessedData(answer, occasion.at),
  cause: occasion.cause,
})

export const registeredEvent = (customer: Customer, cause: Cause): NewEvent<'weir.customer.registered.v1'> => ({
  type: 'weir.customer.registered.v1',
  subject: customer.customerId,
  key: customer.customerId,
  data: customerData(customer),
  cause,
})

export const changedEvent = (customer: Customer, cause: Cause): NewEvent<'weir.customer.changed.v1'> => ({
  type: 'weir.customer.changed.v1',
  subject: customer.customerId,
  key: customer.customerId,
  data: customerData(customer),
  cause,
})

/** Keyed by the list itself: it concerns no single customer. */
export const listActivatedEvent = (version: ListVersion, cause: Cause): NewEvent<'weir.list.activated.v1'> => ({
  type: 'weir.list.activated.v1',
  subject: version.digest,
  key: `list:${version.digest}`,
  data: { digest: version.digest, title: version.title, entries: version.entries, activatedAt: version.activatedAt.toISOString() },
  cause,
})

const customerData = ({ customerId, declaration, tenants }: Customer): EventData<'weir.customer.changed.v1'> => ({
  customerId,
  name: declaration.name,
  tenants: tenants.map(({ system, id }) => ({ system, id })),
})

function assessedData({ ask, assessment, pins }: AskAnswer, at: Date): AssessedData {
  return {
    requestId: ask.requestId,
    ask: ask.ask,
    assessedAt: at.toISOString(),
    ...(ask.tenant === undefined ? {} : { tenantRef: { ...ask.tenant } }),
    ...assessmentData(assessment),
    pins: { ...pins },
  }
}

function assessmentData(assessment: Assessment): Pick<AssessedData, 'subject' | 'hits' | 'listedOwnershipPercent' | 'redFlags'> {
  const { subject, listedOwnershipPercent } = assessment
  return {
    subject:
      subject.state === 'unknown-tenant'
        ? subject
        : { ...subject, owners: subject.owners.map((owner) => ({ ...owner, path: [...owner.path] })) },
    hits: [...assessment.hits],
    ...(listedOwnershipPercent === undefined ? {} : { listedOwnershipPercent }),
    redFlags: [...assessment.redFlags],
  }
}
