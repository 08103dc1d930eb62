import type { Kafka } from 'kafkajs'
import { clusterOf, withBroker } from '../src/kafka-cluster.js'

interface RawBroker {
  produce(request: object): Promise<unknown>
  fetch(request: object): Promise<unknown>
  joinGroup(request: object): Promise<{ readonly memberId: string }>
  leaveGroup(request: object): Promise<unknown>
  offsetCommit(request: object): Promise<unknown>
}

/**
 * Requests as somebody sends them who does not use our client: no look at the metadata first, which would keep an honest
 * client from asking at all.
 */
export const rawProduce = (kafka: Kafka, topic: string): Promise<unknown> =>
  withBroker(kafka, (broker: RawBroker) => {
    const messages = [{ key: Buffer.from('customer-1'), value: Buffer.from('forged'), headers: {}, timestamp: String(Date.now()) }]
    return broker.produce({ topicData: [{ topic, partitions: [{ partition: 0, messages }] }] })
  })

export const rawFetch = (kafka: Kafka, topic: string): Promise<unknown> =>
  withBroker(kafka, (broker: RawBroker) => {
    const partitions = [{ partition: 0, fetchOffset: '0', maxBytes: 4096 }]
    return broker.fetch({ maxWaitTime: 100, isolationLevel: 0, topics: [{ topic, partitions }] })
  })

export const rawJoin = (kafka: Kafka, groupId: string): Promise<unknown> =>
  withBroker(kafka, async (broker: RawBroker) => {
    const groupProtocols = [{ name: 'RoundRobinAssigner', metadata: Buffer.alloc(0) }]
    const { memberId } = await broker.joinGroup({ groupId, sessionTimeout: 10_000, rebalanceTimeout: 10_000, groupProtocols })
    return await broker.leaveGroup({ groupId, memberId })
  })

/** Throws a member out, which need not be one's own. */
export const rawLeave = (kafka: Kafka, groupId: string): Promise<unknown> =>
  withBroker(kafka, (broker: RawBroker) => broker.leaveGroup({ groupId, memberId: 'somebody' }))

/** Moves another's position without being a member. */
export const rawCommit = (kafka: Kafka, at: { readonly groupId: string; readonly topic: string }): Promise<unknown> =>
  withBroker(kafka, (broker: RawBroker) =>
    broker.offsetCommit({
      groupId: at.groupId,
      groupGenerationId: -1,
      memberId: '',
      topics: [{ topic: at.topic, partitions: [{ partition: 0, offset: '9' }] }],
    }),
  )

/** Is a member of another kind, so that the group takes none of ours; until the answer is called. */
export async function occupyGroup(kafka: Kafka, groupId: string): Promise<() => Promise<void>> {
  const cluster = clusterOf<RawBroker>(kafka)
  await cluster.connect()
  await cluster.refreshMetadata()
  const broker = await cluster.findControllerBroker()
  const groupProtocols = [{ name: 'another', metadata: Buffer.alloc(0) }]
  const { memberId } = await broker.joinGroup({ groupId, sessionTimeout: 60_000, rebalanceTimeout: 60_000, groupProtocols })
  return async () => {
    await broker.leaveGroup({ groupId, memberId })
    await cluster.disconnect()
  }
}
