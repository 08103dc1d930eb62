import { randomUUID } from 'node:crypto'
import { catalog, type ServiceName } from '@weir/contracts'
import { securedTestBrokers, until } from '@weir/testing'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs'
import { silent } from '../test/listening-service.js'
import { rawCommit, rawFetch, rawJoin, rawLeave, rawProduce } from '../test/raw-attacks.js'
import { groupOf, kafkaAccess, kafkaTopics, parkedTopicOf, readBy, writtenBy, type KafkaParty } from './kafka-access.js'
import { isRefused, kafkaOf, type KafkaLogin } from './kafka-client.js'
import { withCoordinator } from './kafka-cluster.js'
import { setScramUsers } from './kafka-scram.js'
import { createKafkaTransport } from './kafka-transport.js'
import { provisionKafka } from './provision-kafka.js'
import type { Transport } from './transport.js'

const kafka = await securedTestBrokers()
const onKafka = 'skipped' in kafka ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''
const [brokers, adminLogin] = 'skipped' in kafka ? [[], { username: '', password: '' }] : [kafka.brokers, kafka.admin]
const services = [...new Set(Object.values(catalog).map(({ owner }): ServiceName => owner))]

/** Of every refusal below it is known that the broker gave it: a missing topic or a broken connection is no refusal. */
const refusal = async (attempt: () => Promise<unknown>): Promise<boolean> =>
  await attempt().then(
    () => false,
    (error: unknown) => {
      if (isRefused(error)) return true
      throw error
    },
  )

const passwordsFor = (prefix: string) => Object.fromEntries(kafkaAccess(prefix).map(({ principal }) => [principal, randomUUID()]))

onKafka(`principals of a broker that refuses what no rule allows${reason}`, () => {
  const prefix = `access-${randomUUID()}.`
  const base = { brokers, clientId: 'spec', logger: silent }
  const provisioning = { ...base, login: adminLogin, prefix, passwords: passwordsFor(prefix) }
  const admin = kafkaOf({ ...base, login: adminLogin }).admin()
  const opened: Transport[] = []
  let logins: Record<KafkaParty, KafkaLogin>

  const transportOf = (login: KafkaLogin, at = prefix): Transport => {
    const transport = createKafkaTransport({ ...base, login, prefix: at })
    opened.push(transport)
    return transport
  }
  const as = (party: KafkaParty) => transportOf(logins[party])
  /** One retry: what is refused stays refused. */
  const clientOf = (sasl?: KafkaLogin) =>
    new Kafka({
      clientId: 'spec',
      brokers: [...brokers],
      ...(sasl === undefined ? {} : { sasl: { mechanism: 'scram-sha-512' as const, ...sasl } }),
      logLevel: logLevel.NOTHING,
      retry: { retries: 1, initialRetryTime: 50 },
    })
  const message = (topic: string) => ({ topic, key: 'customer-1', headers: {}, value: randomUUID() })
  const write = (transport: Transport, topic: string) => transport.publish([message(topic)])
  /** What a consumer of this login hears of a topic, in a group of its choice. */
  const hear = async (transport: Transport, at: { readonly group: string; readonly topic: string; readonly value: string }) => {
    const heard: (string | undefined)[] = []
    const consumer = await transport.consume({
      group: at.group,
      topics: [at.topic],
      onAssigned: (all) => Promise.resolve(all.map((place) => ({ ...place, nextOffset: 0n, epoch: 1 }))),
      onBatch: ({ messages }) => {
        heard.push(...messages.map(({ value }) => value))
        return Promise.resolve()
      },
    })
    try {
      return await until(() => (heard.includes(at.value) ? at.value : undefined), { describe: `${at.topic} is heard`, timeoutMs: 20_000 })
    } finally {
      await consumer.stop()
    }
  }

  beforeAll(async () => {
    logins = await provisionKafka(provisioning)
    await admin.connect()
  }, 60_000)
  afterEach(async () => {
    for (const transport of opened.splice(0)) await transport.close()
  })
  afterAll(async () => {
    await admin.disconnect()
    if (!('skipped' in kafka)) await kafka.stop()
  }, 30_000)

  describe('what the catalog says works', () => {
    it.each(services)('%s finds its topics, writes what it owns and parks what it reads', async (service) => {
      const transport = as(service)
      const read = readBy(service)
      await transport.ensureTopics([...writtenBy(service), ...read, ...read.map(parkedTopicOf)])
      for (const topic of [...writtenBy(service), ...read.map(parkedTopicOf)])
        await expect(write(transport, topic)).resolves.toBeUndefined()
    })

    it.each(services.flatMap((service) => readBy(service).map((topic) => [service, topic] as const)))(
      '%s reads %s with its own group',
      async (service, topic) => {
        const sent = message(topic)
        await transportOf(adminLogin).publish([sent])
        await expect(hear(as(service), { group: groupOf(service), topic, value: sent.value })).resolves.toBe(sent.value)
      },
      40_000,
    )

    it.each(services.filter((service) => readBy(service).length > 0))('%s takes out of its group whom it was before', async (service) => {
      const groupId = prefix + groupOf(service)
      const leave = (broker: { leaveGroup(of: object): Promise<unknown> }) => broker.leaveGroup({ groupId, memberId: 'nobody' })
      // The broker looks for the member only where it may be asked to.
      await expect(withCoordinator(clientOf(logins[service]), groupId, leave)).rejects.toMatchObject({ type: 'UNKNOWN_MEMBER_ID' })
    })

    it('the systems around bring in requests and read answers, and no more', async () => {
      const platform = as('platform')
      await write(platform, 'weir.intake')
      const sent = message('weir.answers')
      await as('gateway').publish([sent])
      await expect(hear(platform, { group: 'weir.platform.billing', topic: 'weir.answers', value: sent.value })).resolves.toBe(sent.value)
      for (const topic of kafkaTopics().filter((name) => name !== 'weir.intake'))
        expect([topic, await refusal(() => write(platform, topic))]).toEqual([topic, true])
    }, 40_000)
  })

  describe('what it does not say is refused', () => {
    it('identity writing weir.classification', async () => {
      const topic = `${prefix}weir.classification`
      const before = await admin.fetchTopicOffsets(topic)
      await expect(rawProduce(clientOf(logins.identity), topic)).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' })
      expect(await admin.fetchTopicOffsets(topic)).toEqual(before)
      // the same request by its owner
      await rawProduce(clientOf(logins.classification), topic)
      expect(await admin.fetchTopicOffsets(topic)).not.toEqual(before)
    })

    it.each(services)('%s writing any topic that it neither owns nor parks to', async (service) => {
      const own = [...writtenBy(service), ...readBy(service).map(parkedTopicOf)]
      const refused = kafkaTopics().filter((name) => !own.includes(name))
      expect(refused.length).toBeGreaterThan(0)
      for (const topic of refused)
        expect([topic, await refusal(() => rawProduce(clientOf(logins[service]), prefix + topic))]).toEqual([topic, true])
    })

    it.each(services)('%s reading any topic of which it consumes nothing, its own among them', async (service) => {
      const [read] = readBy(service)
      await rawFetch(clientOf(logins[service]), `${prefix}${read}`)
      for (const topic of kafkaTopics().filter((name) => !readBy(service).includes(name)))
        expect([topic, await refusal(() => rawFetch(clientOf(logins[service]), prefix + topic))]).toEqual([topic, true])
    })

    it('a service joining the group of another, or one that it made up', async () => {
      const client = clientOf(logins.ledger)
      await rawJoin(client, prefix + groupOf('ledger'))
      for (const group of [groupOf('gateway'), groupOf('reports'), `${groupOf('ledger')}.copy`])
        await expect(rawJoin(client, prefix + group)).rejects.toMatchObject({ type: 'GROUP_AUTHORIZATION_FAILED' })
    })

    it('a service throwing out a member of another', async () => {
      const client = clientOf(logins.ledger)
      await expect(rawLeave(client, prefix + groupOf('gateway'))).rejects.toMatchObject({ type: 'GROUP_AUTHORIZATION_FAILED' })
    })

    it('a service moving the position of another', async () => {
      const at = { groupId: prefix + groupOf('reports'), topic: `${prefix}weir.decisions` }
      await expect(rawCommit(clientOf(logins.ledger), at)).rejects.toMatchObject({ type: 'GROUP_AUTHORIZATION_FAILED' })
    })

    it('a service making, growing or deleting topics, or giving itself a right or a password', async () => {
      const own = clientOf(logins.identity).admin()
      await own.connect()
      const acl = {
        resourceType: AclResourceTypes.TOPIC,
        resourceName: `${prefix}weir.classification`,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${logins.identity.username}`,
        host: '*',
        operation: AclOperationTypes.WRITE,
        permissionType: AclPermissionTypes.ALLOW,
      }
      try {
        const topic = `${prefix}weir.identity`
        expect(await refusal(() => own.createTopics({ topics: [{ topic: `${prefix}weir.mine` }], waitForLeaders: false }))).toBe(true)
        expect(await refusal(() => own.createPartitions({ topicPartitions: [{ topic, count: 64 }] }))).toBe(true)
        expect(await refusal(() => own.deleteTopics({ topics: [topic] }))).toBe(true)
        expect(await refusal(() => own.createAcls({ acl: [acl] }))).toBe(true)
        expect(await admin.listTopics()).toEqual(expect.arrayContaining([topic]))
        expect(await admin.listTopics()).not.toContain(`${prefix}weir.mine`)
      } finally {
        await own.disconnect()
      }
      const stolen = { ...logins.classification, password: randomUUID() }
      // 31: CLUSTER_AUTHORIZATION_FAILED
      await expect(setScramUsers(clientOf(logins.identity), [stolen])).rejects.toThrow(/needs ALTER permission\. \(31\)/)
    })

    it('a service whose topics were never made: it says so instead of making them', async () => {
      const early = createKafkaTransport({ ...base, login: logins.identity, prefix: `${prefix}early.`, topicWaitMs: 300 })
      await expect(early.ensureTopics(['weir.identity'])).rejects.toMatchObject({
        code: 'not-allowed',
        message: expect.stringContaining('weir.identity'),
      })
      await early.close()
      expect(await admin.listTopics()).not.toContain(`${prefix}early.weir.identity`)
    })

    it('a login of another installation on the same broker', async () => {
      const other = `${prefix}other.`
      const foreign = await provisionKafka({ ...provisioning, prefix: other, passwords: passwordsFor(other) })
      const intruder = transportOf(foreign.classification)
      expect(await refusal(() => write(intruder, 'weir.classification'))).toBe(true)
      await expect(write(transportOf(foreign.classification, other), 'weir.classification')).resolves.toBeUndefined()
    }, 60_000)
  })

  describe('a stranger', () => {
    it.each([
      ['with no login', () => undefined],
      ['with a name and a wrong password', () => ({ ...logins.ledger, password: randomUUID() })],
      ['with a name that nobody has', () => ({ username: `${prefix}weir.auditor`, password: randomUUID() })],
    ])(
      '%s reads nothing of weir.decisions',
      async (_, login) => {
        const stranger = clientOf(login()).consumer({ groupId: prefix + groupOf('ledger') })
        const attempt = stranger.connect().then(() => stranger.subscribe({ topics: [`${prefix}weir.decisions`] }))
        await expect(attempt).rejects.toThrow(login() === undefined ? /closed connection|disconnected|hang up/i : /SASL|authentication/i)
        await stranger.disconnect()
      },
      30_000,
    )
  })

  describe('provisioning again', () => {
    it('takes away what the catalog does not give, and keeps what it gives', async () => {
      const extra = {
        resourceType: AclResourceTypes.TOPIC,
        resourceName: `${prefix}weir.decisions`,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${logins.reports.username}`,
        host: '*',
        operation: AclOperationTypes.WRITE,
        permissionType: AclPermissionTypes.ALLOW,
      }
      await admin.createAcls({ acl: [extra] })
      await until(
        () =>
          write(as('reports'), 'weir.decisions').then(
            () => true,
            () => false,
          ),
        { describe: 'the right that is too much' },
      )
      await provisionKafka(provisioning)
      await until(() => refusal(() => write(as('reports'), 'weir.decisions')), { describe: 'it is gone' })
      await expect(write(as('reports'), 'weir.reports')).resolves.toBeUndefined()
    }, 60_000)

    it('gives a new password, after which the old one opens nothing', async () => {
      const passwords = { ...provisioning.passwords, [logins.reports.username]: randomUUID() }
      const fresh = await provisionKafka({ ...provisioning, passwords })
      await until(
        () =>
          write(transportOf(fresh.reports), 'weir.reports').then(
            () => true,
            () => false,
          ),
        { describe: 'the new one' },
      )
      await expect(clientOf(logins.reports).producer().connect()).rejects.toThrow(/SASL|authentication/i)
    }, 60_000)
  })
})
