// What the topics hold, read on from where the last reading ended.
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

export const topics = ['weir.provisioning', 'weir.identity', 'weir.classification', 'weir.decisions', 'weir.ledger', 'weir.answers']
const all = [...topics, ...topics.map((topic) => `${topic}.parked`)]

export function openTopics({ brokers }) {
  const kafka = new Kafka({ clientId: 'chaos-checker', brokers, logLevel: logLevel.NOTHING, retry: { retries: 8 } })
  const next = new Map()
  return { read: () => readOn(kafka, next) }
}

async function readOn(kafka, next) {
  const admin = kafka.admin()
  await admin.connect()
  const goal = new Map()
  const there = new Set(await admin.listTopics())
  const known = all.filter((topic) => there.has(topic))
  for (const topic of known) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      const place = `${topic}/${partition}`
      if (BigInt(high) > (next.get(place) ?? 0n)) goal.set(place, BigInt(high))
    }
  }
  const found = []
  if (goal.size > 0) await consume(kafka, { goal, next, known, found })
  await admin.disconnect()
  return found
}

async function consume(kafka, { goal, next, known, found }) {
  const groupId = `chaos-checker-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50, minBytes: 1 })
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const place of goal.keys()) {
      const [topic, partition] = place.split('/')
      consumer.seek({ topic, partition: Number(partition), offset: String(next.get(place) ?? 0n) })
    }
  })
  await consumer.connect()
  await consumer.subscribe({ topics: known, fromBeginning: true })
  let settle
  const done = new Promise((resolve) => {
    settle = resolve
  })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const place = `${batch.topic}/${batch.partition}`
      for (const message of batch.messages) {
        const offset = BigInt(message.offset)
        if (!goal.has(place) || offset !== (next.get(place) ?? 0n)) continue
        next.set(place, offset + 1n)
        found.push(toRecord({ topic: batch.topic, message }))
      }
      if ([...goal].every(([at, high]) => (next.get(at) ?? 0n) >= high)) settle()
    },
  })
  const timer = setTimeout(settle, 15_000)
  await done
  clearTimeout(timer)
  await consumer.disconnect()
}

function toRecord({ topic, message }) {
  const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]))
  return { topic, key: String(message.key), headers, value: message.value?.toString('utf8') ?? '' }
}
