import type { Kafka } from 'kafkajs'

export interface KafkaCluster<Broker> {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findControllerBroker(): Promise<Broker>
  findGroupCoordinator(of: { readonly groupId: string }): Promise<Broker>
}

/** What kafkajs's own clients send their requests through; it offers it to nobody else. */
export function clusterOf<Broker>(kafka: Kafka): KafkaCluster<Broker> {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster')
  if (key === undefined) throw new Error('kafkajs is not the version whose cluster this borrows')
  const create = Reflect.get(kafka, key) as (options: object) => KafkaCluster<Broker>
  return create.call(kafka, { allowAutoTopicCreation: false })
}

/** Connected for as long as `work` runs. */
export const withBroker = <Broker, Result>(kafka: Kafka, work: (broker: Broker) => Promise<Result>): Promise<Result> =>
  connected(kafka, async (cluster: KafkaCluster<Broker>) => work(await cluster.findControllerBroker()))

/** The broker that keeps the group. */
export const withCoordinator = <Broker, Result>(
  kafka: Kafka,
  groupId: string,
  work: (broker: Broker) => Promise<Result>,
): Promise<Result> => connected(kafka, async (cluster: KafkaCluster<Broker>) => work(await cluster.findGroupCoordinator({ groupId })))

async function connected<Broker, Result>(kafka: Kafka, work: (cluster: KafkaCluster<Broker>) => Promise<Result>): Promise<Result> {
  const cluster = clusterOf<Broker>(kafka)
  await cluster.connect()
  try {
    await cluster.refreshMetadata()
    return await work(cluster)
  } finally {
    await cluster.disconnect()
  }
}
