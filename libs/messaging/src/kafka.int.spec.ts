import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { testBrokers } from '@weir/testing'
import { countFeatures } from '../test/count-features.js'
import { silent } from '../test/listening-service.js'
import { backlogFeatures } from './backlog.features.js'
import { brokerFeatures } from './broker.features.js'
import { brokerLossFeatures } from './broker-loss.features.js'
import { faultFeatures } from './fault.features.js'
import { formerMemberFeatures } from './former-member.features.js'
import { kafkaOf } from './kafka-client.js'
import { createKafkaTransport, type KafkaTransportOptions } from './kafka-transport.js'
import { kafkajsRemedies, type KafkaUnderTest } from './kafkajs-remedies.features.js'
import { topicChangeFeatures } from './topic-change.features.js'
import { transportFeatures } from './transport.features.js'
import { zombieFeatures } from './zombie.features.js'

const kafka = await testBrokers()
const shared = 'skipped' in kafka ? undefined : kafka
const onKafka = shared === undefined ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''
// A broker to be killed is one of our own, also where the others are tested in a container.
const local = shared?.source === 'local KRaft broker' || (shared !== undefined && spawnSync('java', ['-version']).status === 0)
const onLocalKafka = local ? describe : describe.skip

const open = (options: Partial<KafkaTransportOptions>) =>
  createKafkaTransport({ brokers: shared?.brokers ?? [], clientId: 'spec', logger: silent, ...options })

afterAll(() => shared?.stop())

const under = (prefix: string): KafkaUnderTest => ({
  prefix,
  open: (options = {}) => open({ prefix, ...options }),
  kafka: () => kafkaOf({ brokers: shared?.brokers ?? [], clientId: 'spec', logger: silent }),
})
const feature = countFeatures('kafka')

onKafka(`Kafka${reason}`, () => {
  const setUp = async () => {
    const prefix = `messaging-${randomUUID()}.`
    const admin = kafkaOf({ brokers: shared?.brokers ?? [], clientId: 'spec', logger: silent }).admin()
    await admin.connect()
    return {
      open: async (options?: { readonly partitions?: number }) => open({ prefix, ...options }),
      forget: async (name: string) => {
        const topic = prefix + name
        const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: high }))
        await admin.deleteTopicRecords({ topic, partitions })
      },
      close: () => admin.disconnect(),
    }
  }
  transportFeatures(feature, setUp)
  faultFeatures(feature, setUp)
})

onKafka(`kafkajs on Kafka${reason}`, () => {
  kafkajsRemedies(feature, under(`kafkajs-${randomUUID()}.`))
})

onKafka(`a backlog on Kafka${reason}`, () => {
  backlogFeatures(() => Promise.resolve(open({ prefix: `backlog-${randomUUID()}.` })))
})

onKafka(`a group of consumers on Kafka${reason}`, () => {
  brokerFeatures(feature, under(`group-${randomUUID()}.`))
})

onKafka(`a former member on Kafka${reason}`, () => {
  formerMemberFeatures(feature, (prefix) => ({ ...under(prefix), brokers: shared?.brokers ?? [] }))
})

onKafka(`topics that change on Kafka${reason}`, () => {
  topicChangeFeatures(feature, under)
})

onKafka(`a zombie on Kafka${reason}`, () => {
  zombieFeatures(feature, { brokers: shared?.brokers ?? [], open: (prefix) => open({ prefix }) })
})

onLocalKafka(`Kafka that goes away${local ? '' : reason || ' (skipped: no Java for a broker of its own)'}`, () => {
  brokerLossFeatures(feature, open)
})
