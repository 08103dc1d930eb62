import type { Transport } from '@weir/messaging'
import type { Logger } from 'pino'
import type { Environment } from './service-config.js'

export async function openKafkaTransport(options: {
  readonly brokers: string
  readonly name: string
  readonly env: Environment
  readonly logger: Logger
}): Promise<Transport> {
  const { createKafkaTransport } = await import('@weir/messaging')
  return createKafkaTransport({ brokers: options.brokers.split(','), clientId: options.name, logger: options.logger })
}
