import type { Producer, ProducerBatch, ProducerConfig } from 'kafkajs'
import { pino } from 'pino'
import { told } from '../test/listening-service.js'
import { newKey, numbered } from '../test/workbench.js'
import { kafkaOf } from './kafka-client.js'
import { KafkaPublisher } from './kafka-publisher.js'
import { partitionOf } from './murmur2.js'

interface Sending {
  readonly batch: ProducerBatch
  done(): void
  failed(error: Error): void
}

/** A publisher on producers whose answers the spec gives. */
function published() {
  const [configs, sendings]: [ProducerConfig[], Sending[]] = [[], []]
  let closed = 0
  const producer = (config: ProducerConfig = {}) => {
    configs.push(config)
    const part: Partial<Producer> = {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(void (closed += 1)),
      sendBatch: (batch) => new Promise((done, failed) => sendings.push({ batch, done: () => done([]), failed })),
    }
    return part as Producer
  }
  const publisher = new KafkaPublisher({ kafka: { producer }, prefix: 'mine.', partitions: 4 })
  return { publisher, configs, sendings, closed: () => closed }
}
const turn = () => new Promise((done) => setImmediate(done))
const countOf = (sending: Sending | undefined) => sending?.batch.topicMessages?.flatMap(({ messages }) => messages).length

describe('the publisher on Kafka', () => {
  it('has one request on its way; what comes meanwhile is the next one, in order', async () => {
    const { publisher, sendings, configs } = published()
    const key = newKey()
    const all = numbered(0, 50).map((name) => publisher.publish([told({ key, name })]))
    await turn()
    const late = numbered(50, 200).map((name) => publisher.publish([told({ key, name })]))
    await turn()
    await turn()
    expect(sendings).toHaveLength(1)
    expect(countOf(sendings[0])).toBe(50)

    sendings[0]?.done()
    await Promise.all(all)
    await turn()
    await turn()
    expect(sendings).toHaveLength(2)
    const names = sendings[1]?.batch.topicMessages?.[0]?.messages.map(({ value }) => (JSON.parse(String(value)) as { name: string }).name)
    expect(names).toEqual(numbered(50, 200))
    sendings[1]?.done()
    await Promise.all(late)
    expect(configs).toMatchObject([{ maxInFlightRequests: 1 }])
  })

  it('takes a fresh producer after a failure, none of which counts what it sent', async () => {
    const { publisher, sendings, configs, closed } = published()
    const first = publisher.publish([told({ key: newKey(), name: 'one' })])
    await turn()
    await turn()
    const failure = new Error('The broker received an out of order sequence number')
    sendings[0]?.failed(failure)
    // What failed among others is tried once more by itself.
    await turn()
    sendings[1]?.failed(failure)
    await expect(first).rejects.toThrow('out of order')
    expect(publisher.trouble()).toContain('out of order')
    expect(closed()).toBe(2)

    const second = publisher.publish([told({ key: newKey(), name: 'one' })])
    await turn()
    await turn()
    sendings[2]?.done()
    await second
    expect(publisher.trouble()).toBeUndefined()
    expect(configs.map(({ idempotent, transactionalId }) => ({ idempotent, transactionalId }))).toEqual(
      configs.map(() => ({ idempotent: false, transactionalId: undefined })),
    )
    expect(configs).toHaveLength(3)
  })

  it('chooses the partition itself, as Java clients do, and says so to kafkajs', async () => {
    const { publisher, sendings, configs } = published()
    const keys = numbered(0, 20).map(newKey)
    const all = publisher.publish(keys.map((key) => told({ key, name: 'x' })))
    await turn()
    await turn()
    sendings[0]?.done()
    await all
    const [topic] = sendings[0]?.batch.topicMessages ?? []
    expect(topic?.topic).toBe('mine.weir.customers')
    expect(topic?.messages.map(({ partition }) => partition)).toEqual(keys.map((key) => partitionOf(key, 4)))

    const said: string[] = []
    const logger = pino({ level: 'debug' }, { write: (line) => void said.push(line) })
    kafkaOf({ brokers: ['127.0.0.1:1'], clientId: 'spec', logger }).producer(configs[0])
    expect(said.filter((line) => line.includes('partitioner'))).toEqual([])
  })
})
