import { deriveFacts, type CountryGroups, type Facts } from '@weir/adjudication-core'
import type { Identity, Requested, Workload } from './ports.js'

/** The day whose law applies: of the act, else of its arrival. */
export const dayOf = ({ request, receivedAt }: Requested): string =>
  new Date(request.occurredAt ?? request.receivedAt ?? receivedAt).toISOString().slice(0, 10)

export interface Assessed {
  readonly requested: Requested
  readonly identity: Identity
  readonly workload: Workload
}

/** What the events state, as facts; what they leave open is absent. */
export function toFacts({ requested, identity, workload }: Assessed, groups: CountryGroups): Facts {
  const { request } = requested
  return deriveFacts(
    {
      day: dayOf(requested),
      request: {
        action: request.action,
        enforcement: request.enforcement,
        ...stated({ delivery: request.delivery, endUse: request.endUse?.category }),
      },
      who: whoOf(identity),
      what: whatOf(workload),
      where: whereOf(requested, workload),
    },
    groups,
  )
}

function whoOf(identity: Identity) {
  const { subject, hits, redFlags } = identity
  if (subject.state === 'unknown-tenant') return { state: subject.state }
  const codes = redFlags.map((flag) => flag.code)
  const screened = !codes.includes('no-screening-list')
  const namesOf = (relation: 'self' | 'owner') =>
    [...new Set(hits.filter((hit) => hit.relation === relation).map((hit) => hit.list))].sort()
  return {
    state: subject.state,
    ownershipComplete: subject.ownershipComplete,
    redFlags: codes,
    ...stated({
      headquarters: subject.headquarters,
      parentHeadquarters: subject.ultimateParent?.headquarters,
      listedOwnershipPercent: identity.listedOwnershipPercent,
      lists: screened ? namesOf('self') : undefined,
      ownerLists: screened ? namesOf('owner') : undefined,
    }),
  }
}

function whatOf(workload: Workload) {
  const { resolution, paragraph, accelerators, totals, training } = workload
  const known = resolution !== 'unknown'
  return {
    contradictsDeclared: training.contradictsDeclared,
    parts: accelerators.map(({ model, count, paragraph: its }) => ({ model, count, paragraph: its })),
    ...stated({
      resolution: known ? resolution : undefined,
      paragraph: known && paragraph !== 'unknown' ? paragraph : undefined,
      nearThreshold: known ? workload.nearThreshold : undefined,
      models: known ? [...new Set(accelerators.map((part) => part.model))].sort() : undefined,
      accelerators: known ? totals.accelerators : undefined,
      totalTpp: totals.tpp,
      trainingLevel: training.level === 'unknown' ? undefined : training.level,
    }),
  }
}

function whereOf({ request }: Requested, { region }: Workload) {
  const affiliated = { yes: true, no: false, unknown: undefined }[region.stateAffiliated]
  return stated({
    country: region.country ?? request.region?.iso3166,
    operator: region.operator ?? request.region?.operator,
    relation: region.relation,
    stateAffiliated: affiliated,
  })
}

type Stated<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> }

/** Leaves out what is undefined: an unknown fact is absent. */
function stated<T extends object>(fields: T): Stated<T> {
  const stated: { -readonly [Name in keyof T]?: Exclude<T[Name], undefined> } = {}
  for (const name in fields) {
    const value = fields[name]
    if (isStated(value)) stated[name] = value
  }
  return stated
}

const isStated = <T>(value: T): value is Exclude<T, undefined> => value !== undefined
