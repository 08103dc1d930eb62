import { catalog, outside, type ServiceName } from '@weir/contracts'

/** A service, or the systems around Weir that bring requests in by a topic and read answers from one. */
export type KafkaParty = ServiceName | 'platform'

/** Everything else is refused: to make, change or delete topics, to write what another owns, to join another's group. */
export interface KafkaRule {
  readonly resource: 'topic' | 'group'
  readonly name: string
  /** `prefixed`: every name that begins so */
  readonly match: 'literal' | 'prefixed'
  readonly operation: 'read' | 'write'
}

export interface KafkaAccess {
  readonly party: KafkaParty
  /** the name to log in with */
  readonly principal: string
  readonly rules: readonly KafkaRule[]
}

const entries = Object.values(catalog)
const events = (of: (entry: (typeof entries)[number]) => boolean): string[] => [
  ...new Set(entries.filter(of).map(({ topic }): string => topic)),
]

export const groupOf = (service: ServiceName): string => `weir.${service}`

/** Where a service that reads a topic may put what it cannot handle. */
export const parkedTopicOf = (topic: string): string => `${topic}.parked`

const readersOf = (entry: (typeof entries)[number]): readonly ServiceName[] => entry.consumers

/** The topics that a service owns and alone may write. */
export const writtenBy = (service: ServiceName): string[] => events(({ owner }) => owner === service)

export const readBy = (service: ServiceName): string[] => [
  ...(service === outside.takenBy ? [outside.writes] : []),
  ...events((entry) => readersOf(entry).includes(service)),
]

/** In the order of the catalog. */
const services = [...new Set(entries.map(({ owner }): ServiceName => owner))]

/** Every topic of an installation, with those where readers park. */
export function kafkaTopics(): string[] {
  const read = services.flatMap(readBy)
  return [...new Set([outside.writes, ...events(() => true), ...read.map(parkedTopicOf)])]
}

/**
 * Who may do what, all of it from the catalog: an owner writes its topics, a consumer reads them with its own group. A
 * party is named like its group; the prefix of an installation is part of both, so that two of them share a broker
 * without reaching into each other.
 */
export function kafkaAccess(prefix: string): KafkaAccess[] {
  const literal = (resource: KafkaRule['resource'], operation: KafkaRule['operation']) => (name: string) =>
    ({ resource, name: prefix + name, match: 'literal', operation }) as const
  const own = services.map((party): KafkaAccess => {
    const read = readBy(party)
    return {
      party,
      principal: prefix + groupOf(party),
      rules: [
        ...writtenBy(party).map(literal('topic', 'write')),
        ...read.map(literal('topic', 'read')),
        ...read.map(parkedTopicOf).map(literal('topic', 'write')),
        ...(read.length === 0 ? [] : [literal('group', 'read')(groupOf(party))]),
      ],
    }
  })
  const platform = `${prefix}weir.platform`
  return [
    ...own,
    {
      party: 'platform',
      principal: platform,
      rules: [
        literal('topic', 'write')(outside.writes),
        literal('topic', 'read')(outside.reads),
        { resource: 'group', name: platform, match: 'prefixed', operation: 'read' },
      ],
    },
  ]
}
