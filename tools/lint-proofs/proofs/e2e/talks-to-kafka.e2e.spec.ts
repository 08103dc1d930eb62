// proof: walls/kafkajs-in-messaging-only, packages/undeclared
import type { Kafka } from 'kafkajs'

export type Broker = Kafka
