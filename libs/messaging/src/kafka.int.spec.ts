import { testBrokers } from '@weir/testing'
import { silent } from '../test/listening-service.js'
import { createKafkaTransport } from './kafka-transport.js'
import { transportFeatures } from './transport.features.js'

const kafka = await testBrokers()
const brokers = 'skipped' in kafka ? undefined : kafka
const onKafka = brokers === undefined ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''

onKafka(`Kafka${reason}`, () => {
  const prefix = `messaging-${process.pid}-${Date.now()}.`
  transportFeatures(async () => ({
    open: async (options) =>
      createKafkaTransport({ brokers: brokers?.brokers ?? [], clientId: 'spec', logger: silent, prefix, ...options }),
    close: async () => brokers?.stop(),
  }))
})
