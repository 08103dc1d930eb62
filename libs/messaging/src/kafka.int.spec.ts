import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { testBrokers } from '@weir/testing'
import { silent } from '../test/listening-service.js'
import { backlogFeatures } from './backlog.features.js'
import { brokerFeatures, brokerLossFeatures } from './broker.features.js'
import { createKafkaTransport } from './kafka-transport.js'
import { transportFeatures } from './transport.features.js'

const kafka = await testBrokers()
const shared = 'skipped' in kafka ? undefined : kafka
const onKafka = shared === undefined ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''
// A broker to be killed is one of our own, also where the others are tested in a container.
const local = shared?.source === 'local KRaft broker' || (shared !== undefined && spawnSync('java', ['-version']).status === 0)
const onLocalKafka = local ? describe : describe.skip

const open = (options: { readonly prefix: string; readonly brokers?: readonly string[]; readonly partitions?: number }) =>
  createKafkaTransport({ brokers: shared?.brokers ?? [], clientId: 'spec', logger: silent, ...options })

afterAll(() => shared?.stop())

onKafka(`Kafka${reason}`, () => {
  const prefix = `messaging-${randomUUID()}.`
  transportFeatures(async () => ({ open: async (options) => open({ prefix, ...options }), close: async () => undefined }))
})

onKafka(`a backlog on Kafka${reason}`, () => {
  backlogFeatures(() => Promise.resolve(open({ prefix: `backlog-${randomUUID()}.` })))
})

onKafka(`a group of consumers on Kafka${reason}`, () => {
  const prefix = `group-${randomUUID()}.`
  brokerFeatures(() => open({ prefix }))
})

onLocalKafka(`Kafka that goes away${local ? '' : reason || ' (skipped: no Java for a broker of its own)'}`, () => {
  brokerLossFeatures((brokers) => open({ prefix: 'loss.', brokers }))
})
