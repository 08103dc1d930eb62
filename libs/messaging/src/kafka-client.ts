import type { ConnectionOptions } from 'node:tls'
import { Kafka, logLevel } from 'kafkajs'
import type { Logger } from 'pino'
import { lowLatencySocket, patchRequestQueue } from './kafka-patches.js'

/** Who somebody is to the broker: SCRAM-SHA-512, so that the password itself never travels. */
export interface KafkaLogin {
  readonly username: string
  readonly password: string
}

export interface KafkaClientOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly logger: Logger
  /** absent: the broker asks nobody */
  readonly login?: KafkaLogin
  /** absent: no TLS */
  readonly tls?: Pick<ConnectionOptions, 'ca'>
}

/** kafkajs logs at ERROR what it retries and overcomes; those are warnings here. */
export function kafkaOf(options: KafkaClientOptions): Kafka {
  patchRequestQueue()
  return new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...(options.login === undefined ? {} : { sasl: { mechanism: 'scram-sha-512' as const, ...options.login } }),
    ...(options.tls === undefined ? {} : { ssl: options.tls }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 5_000 },
    socketFactory: lowLatencySocket,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => options.logger.debug({ kafka: entry.namespace, ...entry.log }, entry.log.message),
  })
}

/** Whether the broker knows who asks, and says no. kafkajs wraps errors in errors and in lists of them. */
export function isRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('type' in error && typeof error.type === 'string' && error.type.endsWith('_AUTHORIZATION_FAILED')) return true
  if ('errors' in error && Array.isArray(error.errors) && error.errors.some(isRefused)) return true
  return 'cause' in error && isRefused(error.cause)
}
