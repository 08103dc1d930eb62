import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type AclEntry, type Admin } from 'kafkajs'
import { kafkaAccess, kafkaTopics, type KafkaAccess, type KafkaParty, type KafkaRule } from './kafka-access.js'
import { kafkaOf, type KafkaClientOptions, type KafkaLogin } from './kafka-client.js'
import { setScramUsers } from './kafka-scram.js'
import { createKafkaTransport, type KafkaTransportOptions } from './kafka-transport.js'

// Node sees only some of a CommonJS package's names when it is imported, and not these.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const LOGIN_WAIT_MS = 30_000

export interface ProvisionKafkaOptions extends KafkaTransportOptions {
  /** of somebody who may make topics, users and rules */
  readonly login: KafkaLogin
  /** by principal (see `kafkaAccess`) */
  readonly passwords: Readonly<Record<string, string>>
}

/**
 * Makes what an installation needs on a broker that refuses whatever no rule allows: its topics, a user for each party,
 * and for each exactly the rules of the catalog; rules that an earlier catalog gave them are taken away. It may run at
 * every start. A password that changed holds for new connections.
 */
export async function provisionKafka(options: ProvisionKafkaOptions): Promise<Record<KafkaParty, KafkaLogin>> {
  const access = kafkaAccess(options.prefix ?? '')
  const logins = access.map(({ party, principal }) => [party, loginOf(principal, options.passwords)] as const)
  const transport = createKafkaTransport(options)
  try {
    await transport.ensureTopics(kafkaTopics())
  } finally {
    await transport.close()
  }
  await setRules(options, access)
  // Last: who can log in has all its rights.
  await setScramUsers(
    kafkaOf(options),
    logins.map(([, login]) => login),
  )
  for (const [, login] of logins) await awaitLogin({ ...options, login })
  return Object.fromEntries(logins) as Record<KafkaParty, KafkaLogin>
}

/** A broker learns of users some time after it said yes to them. */
async function awaitLogin(options: KafkaClientOptions): Promise<void> {
  for (const end = performance.now() + LOGIN_WAIT_MS; ;) {
    const admin = kafkaOf(options).admin()
    try {
      await admin.connect()
      return
    } catch (error) {
      if (performance.now() > end) throw error
      await delay(50)
    } finally {
      await admin.disconnect()
    }
  }
}

function loginOf(principal: string, passwords: Readonly<Record<string, string>>): KafkaLogin {
  const password = passwords[principal]
  if (password === undefined || password === '') throw new Error(`there is no password for ${principal}`)
  return { username: principal, password }
}

async function setRules(options: KafkaClientOptions, access: readonly KafkaAccess[]): Promise<void> {
  const admin = kafkaOf(options).admin()
  await admin.connect()
  try {
    for (const { principal, rules } of access) {
      const wanted = rules.map((rule) => entryOf(principal, rule))
      const found = await rulesOf(admin, principal)
      const isIn = (all: readonly AclEntry[]) => (entry: AclEntry) => all.some((other) => isSame(entry, other))
      const missing = wanted.filter((entry) => !isIn(found)(entry))
      const extra = found.filter((entry) => !isIn(wanted)(entry))
      if (missing.length > 0) await admin.createAcls({ acl: missing })
      if (extra.length > 0) await admin.deleteAcls({ filters: extra })
    }
  } finally {
    await admin.disconnect()
  }
}

async function rulesOf(admin: Admin, principal: string): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    principal: `User:${principal}`,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  })
  return resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls.map((acl) => ({ ...acl, resourceType, resourceName, resourcePatternType })),
  )
}

const entryOf = (principal: string, rule: KafkaRule): AclEntry => ({
  resourceType: rule.resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
  resourceName: rule.name,
  resourcePatternType: rule.match === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
  principal: `User:${principal}`,
  host: '*',
  operation: rule.operation === 'read' ? AclOperationTypes.READ : AclOperationTypes.WRITE,
  permissionType: AclPermissionTypes.ALLOW,
})

const isSame = (one: AclEntry, other: AclEntry): boolean =>
  one.resourceType === other.resourceType &&
  one.resourceName === other.resourceName &&
  one.resourcePatternType === other.resourcePatternType &&
  one.principal === other.principal &&
  one.host === other.host &&
  one.operation === other.operation &&
  one.permissionType === other.permissionType
