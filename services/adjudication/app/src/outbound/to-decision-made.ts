import type { Finding, PackVerdict, Reason } from '@weir/adjudication-core'
import type { DecisionSections, EventData } from '@weir/contracts'
import type { NewDecision } from '../use-cases/ports.js'

export interface DecisionMaking {
  readonly now: Date
  /** 16 random bytes, base64url: a section must not be guessable from its digest */
  readonly newSalt: () => string
  readonly digestOf: (value: unknown) => string
}

export function toDecisionMade(decision: NewDecision, by: DecisionMaking): EventData<'weir.decision.made.v1'> {
  return {
    requestId: decision.requestId,
    revision: decision.revision,
    ask: decision.ask.ask,
    decidedAt: by.now.toISOString(),
    sections: sectionsOf(decision, by),
    request: decision.ask.requested.request,
  }
}

function sectionsOf(decision: NewDecision, by: DecisionMaking): DecisionSections {
  const { verdict, ask, people, pins, caseId, drawn } = decision
  const { request } = ask.requested
  const section = <T>(value: T) => ({ salt: by.newSalt(), value })
  return {
    outcome: section({ outcome: verdict.outcome, reasons: verdict.reasons.map(reasonOf), ...stated({ caseId }) }),
    who: section(whoOf(decision)),
    what: section(whatOf(decision)),
    where: section(whereOf(decision)),
    why: section(stated({ endUse: request.endUse?.category, statement: request.endUse?.statement })),
    law: section({
      findings: verdict.findings.map(findingOf),
      ifShipped: packVerdictOf(verdict.ifShipped),
      shadow: Object.fromEntries(Object.entries(verdict.shadow).map(([pack, one]) => [pack, packVerdictOf(one)])),
    }),
    license: section(drawn ? { ...drawn, unit: 'accelerators' } : {}),
    people: section({ ...people }),
    request: section({
      digest: by.digestOf(request),
      source: request.source,
      action: request.action,
      enforcement: request.enforcement,
      ...stated({ sourceEventId: request.sourceEventId, occurredAt: request.occurredAt }),
    }),
    pins: section({ ...pins, packs: { ...pins.packs } }),
  }
}

function whoOf({ ask }: NewDecision): DecisionSections['who']['value'] {
  const { identity, requested } = ask
  const tenantRef = requested.request.tenantRef
  if (identity === undefined) return stated({ tenantRef, customerId: requested.customerId })
  const { subject, hits } = identity
  if (subject.state === 'unknown-tenant') return stated({ tenantRef })
  return stated({
    tenantRef,
    customerId: subject.customerId,
    name: subject.name,
    headquarters: subject.headquarters,
    ultimateParent: subject.ultimateParent?.name,
    ultimateParentHeadquarters: subject.ultimateParent?.headquarters,
    listed: hits.slice(0, 100).map((hit) => `${hit.list}: ${hit.entryName}`),
  })
}

function whatOf({ ask }: NewDecision): DecisionSections['what']['value'] {
  const { workload, requested } = ask
  return {
    skus: requested.request.skus.map(({ raw, count }) => ({ raw, count })),
    ...stated({
      accelerators: workload ? totalsOf(workload) : requested.request.accelerators,
      paragraph: workload?.paragraph,
      totalTpp: workload?.totals.tpp,
      trainingLevel: workload?.training.level,
    }),
  }
}

function totalsOf({
  resolution,
  accelerators,
}: NonNullable<NewDecision['ask']['workload']>): DecisionSections['what']['value']['accelerators'] {
  switch (resolution) {
    case 'none':
    case 'unknown':
      return resolution
    case 'accelerators':
      return accelerators.map(({ model, count }) => ({ model, count }))
  }
}

function whereOf({ ask }: NewDecision): DecisionSections['where']['value'] {
  const { region, delivery } = ask.requested.request
  const found = ask.workload?.region
  return stated({
    region: region?.raw,
    country: found?.country ?? region?.iso3166,
    operator: found?.operator ?? region?.operator,
    delivery,
  })
}

const packVerdictOf = ({ outcome, findings }: PackVerdict) => ({ outcome, findings: findings.map(findingOf) })

export function reasonOf(reason: Reason) {
  const { missing } = reason
  const told: Omit<Reason, 'missing'> = reason
  return missing === undefined ? { ...told } : { ...told, missing: missing.slice(0, 50) }
}

function findingOf({ rule, pack, effect, truth, layer, legalStatus, citation, sentence, missing }: Finding) {
  const finding = { rule, pack, effect, truth, layer, legalStatus, citation, sentence }
  return missing === undefined ? finding : { ...finding, missing: missing.slice(0, 50) }
}

type Stated<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

function stated<T extends object>(fields: T): Stated<T> {
  const stated: Stated<T> = {}
  for (const name in fields) {
    const value = fields[name]
    if (isStated(value)) stated[name] = value
  }
  return stated
}

const isStated = <T>(value: T): value is Exclude<T, undefined> => value !== undefined
