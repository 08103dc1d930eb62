import { listedOwnershipPercent } from './listed-ownership.js'
import type { CustomerDeclaration, OwnershipGraph } from './ownership-graph.js'
import { redFlagsOf, type RedFlag } from './red-flags.js'
import { screen, type ListHit, type ScreenedParty, type ScreeningIndex } from './screen.js'
import { walkOwnership, type WalkedOwner } from './walk-ownership.js'

/** What is known of the customer whose tenant asks. */
export interface SubjectFacts {
  readonly customer: Pick<CustomerDeclaration, 'customerId' | 'name' | 'registeredIn' | 'headquarters'>
  readonly graph: OwnershipGraph
}

export interface AssessmentFacts {
  /** undefined: nobody knows whose tenant asks */
  readonly subject: SubjectFacts | undefined
  readonly tenantStated: boolean
  /** undefined: no list was ever put into force */
  readonly index: ScreeningIndex | undefined
}

export interface KnownSubject {
  readonly state: 'known'
  readonly customerId: string
  readonly name: string
  readonly registeredIn?: string
  readonly headquarters?: string
  readonly ultimateParent?: { readonly partyId: string; readonly name: string; readonly headquarters?: string }
  readonly ownershipComplete: boolean
  readonly owners: readonly WalkedOwner[]
}

/** An absent field is unknown. */
export interface Assessment {
  readonly subject: { readonly state: 'unknown-tenant' } | KnownSubject
  readonly hits: readonly ListHit[]
  readonly listedOwnershipPercent?: number
  readonly redFlags: readonly RedFlag[]
}

const maxHits = 200

/** The customer and everybody declared above it. */
export const screenedParties = (graph: OwnershipGraph): ScreenedParty[] =>
  [...graph.parties.values()].map((party) => ({
    partyId: party.partyId,
    name: party.name,
    aliases: party.aliases,
    relation: party.partyId === graph.customerId ? 'self' : 'owner',
  }))

export function assess(facts: AssessmentFacts): Assessment {
  const { subject } = facts
  if (subject === undefined) {
    return {
      subject: { state: 'unknown-tenant' },
      hits: [],
      redFlags: redFlagsOf({ listActive: facts.index !== undefined, tenantStated: facts.tenantStated }),
    }
  }
  const { customer, graph } = subject
  const walked = walkOwnership(graph)
  const found = facts.index === undefined ? [] : screen(screenedParties(graph), facts.index)
  const percent = facts.index === undefined ? undefined : listedOwnershipPercent(graph, new Set(found.map((hit) => hit.partyId)))
  return {
    subject: {
      state: 'known',
      customerId: customer.customerId,
      name: customer.name,
      ...(customer.registeredIn === undefined ? {} : { registeredIn: customer.registeredIn }),
      ...(customer.headquarters === undefined ? {} : { headquarters: customer.headquarters }),
      ...(walked.ultimateParent === undefined ? {} : { ultimateParent: parentOf(walked.ultimateParent) }),
      ownershipComplete: walked.ownershipComplete,
      owners: walked.owners,
    },
    hits: found.slice(0, maxHits),
    ...(percent === undefined ? {} : { listedOwnershipPercent: percent }),
    redFlags: redFlagsOf({
      listActive: facts.index !== undefined,
      tenantStated: facts.tenantStated,
      known: { customer, walked, hits: found, hitsLeftOut: Math.max(0, found.length - maxHits), listedOwnershipPercent: percent },
    }),
  }
}

const parentOf = (party: { readonly partyId: string; readonly name: string; readonly headquarters: string | undefined }) => ({
  partyId: party.partyId,
  name: party.name,
  ...(party.headquarters === undefined ? {} : { headquarters: party.headquarters }),
})
