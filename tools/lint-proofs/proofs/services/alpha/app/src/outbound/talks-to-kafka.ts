// proof: walls/kafkajs-in-messaging-only
import type { Kafka } from 'kafkajs'

export type Broker = Kafka
