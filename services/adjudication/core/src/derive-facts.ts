import type { CountryGroups } from './country-groups.js'
import type { Facts, RequestFacts, WhatFacts, WhereFacts, WhoFacts } from './facts.js'

/** Facts as they were stated, without what follows from them. */
export interface StatedFacts {
  /** `YYYY-MM-DD`: the day whose law applies */
  readonly day: string
  readonly request: Omit<RequestFacts, 'movesHardware'>
  readonly who: Omit<WhoFacts, 'headquartersGroups' | 'parentGroups' | 'chinaLinked'>
  readonly what: Omit<WhatFacts, 'controlled'>
  readonly where: Omit<WhereFacts, 'groups'>
}

/**
 * Completes what was stated. Contract: a fact taken away from the input can only take facts away from the result; it never
 * turns one into another.
 */
export function deriveFacts(stated: StatedFacts, groups: CountryGroups): Facts {
  const { day, request, who, what, where } = stated
  const groupsOf = (country: string | undefined) => (country === undefined ? undefined : groups.of(country, day))
  const headquartersGroups = groupsOf(who.headquarters)
  const parentGroups = groupsOf(who.parentHeadquarters)
  return {
    request: { ...request, ...present('movesHardware', request.delivery && request.delivery !== 'remote') },
    who: {
      ...who,
      ...present('headquartersGroups', headquartersGroups),
      ...present('parentGroups', parentGroups),
      ...present('chinaLinked', either(macauOrD5(who.headquarters, headquartersGroups), macauOrD5(who.parentHeadquarters, parentGroups))),
    },
    what: { ...what, ...present('controlled', what.paragraph && what.paragraph !== 'none') },
    where: { ...where, ...present('groups', groupsOf(where.country)) },
  }
}

/** The same facts, had the hardware gone to where the customer is headquartered. */
export function asIfShipped(facts: Facts): Facts {
  const { headquarters, headquartersGroups } = facts.who
  return {
    ...facts,
    request: { ...facts.request, movesHardware: true },
    where: { ...present('country', headquarters), ...present('groups', headquartersGroups) },
  }
}

const macauOrD5 = (country: string | undefined, groups: readonly string[] | undefined): boolean | undefined =>
  country === 'MO' || groups?.includes('D:5') === true ? true : groups && false

function either(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  if (one === true || other === true) return true
  return one === false && other === false ? false : undefined
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>)
}
