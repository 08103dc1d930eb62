/**
 * What a decision may know. A field that is absent is unknown, never "no"; nothing here is null.
 * `derived` fields follow from others and are absent as long as those leave them open.
 */
export interface Facts {
  readonly request: RequestFacts
  readonly who: WhoFacts
  readonly what: WhatFacts
  readonly where: WhereFacts
}

export type Delivery = 'remote' | 'dedicated-host' | 'colocation' | 'on-premises' | 'reseller-rack'
export type Action = 'create' | 'resize' | 'start' | 'renew' | 'delete' | 'observe'

export interface RequestFacts {
  readonly action: Action
  readonly enforcement: 'pre' | 'post'
  readonly delivery?: Delivery
  /** derived: title, possession or location of hardware changes */
  readonly movesHardware?: boolean
  readonly endUse?: string
}

export interface WhoFacts {
  readonly state?: 'known' | 'unknown-tenant'
  readonly headquarters?: string
  /** derived: country groups on the day of the request */
  readonly headquartersGroups?: readonly string[]
  readonly parentHeadquarters?: string
  readonly parentGroups?: readonly string[]
  /** derived: headquarters or ultimate parent in Macau or country group D:5, which holds China */
  readonly chinaLinked?: boolean
  readonly ownershipComplete?: boolean
  /** short names of the lists on which the customer itself stands; absent: not screened */
  readonly lists?: readonly string[]
  /** the same for its declared owners */
  readonly ownerLists?: readonly string[]
  readonly listedOwnershipPercent?: number
  readonly redFlags?: readonly string[]
}

export interface ClassifiedPart {
  readonly model: string
  readonly count: number
  readonly paragraph: '3A090.a' | '3A090.b' | 'none' | 'unknown'
}

export interface WhatFacts {
  /** absent: some part of the ask is not resolvable */
  readonly resolution?: 'accelerators' | 'none'
  readonly paragraph?: '3A090.a' | '3A090.b' | 'none'
  /** derived: meets 3A090.a or 3A090.b */
  readonly controlled?: boolean
  readonly nearThreshold?: boolean
  readonly models?: readonly string[]
  readonly accelerators?: number
  readonly totalTpp?: number
  readonly trainingLevel?: 'none' | 'low' | 'elevated' | 'high'
  readonly contradictsDeclared?: boolean
  /** for matching a license; no condition reads it */
  readonly parts?: readonly ClassifiedPart[]
}

export interface WhereFacts {
  readonly country?: string
  readonly groups?: readonly string[]
  readonly operator?: string
  readonly relation?: 'own' | 'partner'
  readonly stateAffiliated?: boolean
}

export type FactType = 'string' | 'bool' | 'double' | 'list<string>'

/** Every path that a condition may read, with its type. */
export const factModel = {
  request: { action: 'string', enforcement: 'string', delivery: 'string', movesHardware: 'bool', endUse: 'string' },
  who: {
    state: 'string',
    headquarters: 'string',
    headquartersGroups: 'list<string>',
    parentHeadquarters: 'string',
    parentGroups: 'list<string>',
    chinaLinked: 'bool',
    ownershipComplete: 'bool',
    lists: 'list<string>',
    ownerLists: 'list<string>',
    listedOwnershipPercent: 'double',
    redFlags: 'list<string>',
  },
  what: {
    resolution: 'string',
    paragraph: 'string',
    controlled: 'bool',
    nearThreshold: 'bool',
    models: 'list<string>',
    accelerators: 'double',
    totalTpp: 'double',
    trainingLevel: 'string',
    contradictsDeclared: 'bool',
  },
  where: { country: 'string', groups: 'list<string>', operator: 'string', relation: 'string', stateAffiliated: 'bool' },
} as const satisfies Record<keyof Facts, Readonly<Record<string, FactType>>>

/** Derived facts, and what somebody has to find out to make them known. */
const restsOn: Readonly<Record<string, readonly string[]>> = {
  'request.movesHardware': ['request.delivery'],
  'who.headquartersGroups': ['who.headquarters'],
  'who.parentGroups': ['who.parentHeadquarters'],
  'who.chinaLinked': ['who.headquarters', 'who.parentHeadquarters'],
  'what.controlled': ['what.paragraph'],
  'where.groups': ['where.country'],
}

const areaOf = new Map<string, keyof Facts>(
  (['request', 'who', 'what', 'where'] as const).flatMap((area) =>
    Object.keys(factModel[area]).map((field) => [`${area}.${field}`, area] as const),
  ),
)

export function isKnown(facts: Facts, path: string): boolean {
  const area = areaOf.get(path)
  if (area === undefined) return false
  const fields = facts[area] as Readonly<Record<string, unknown>>
  return fields[path.slice(area.length + 1)] !== undefined
}

/** The paths among these that are unknown; a derived one is told by what it rests on, where that is unknown too. */
export function missingOf(facts: Facts, paths: readonly string[]): readonly string[] {
  const missing = paths
    .filter((path) => !isKnown(facts, path))
    .flatMap((path) => {
      const open = (restsOn[path] ?? []).filter((base) => !isKnown(facts, base))
      return open.length > 0 ? open : [path]
    })
  return [...new Set(missing)].sort()
}
