import { createKafkaTransport, type Transport } from '@weir/messaging'
import type { Logger } from 'pino'
import { ConfigFault, type Environment } from './service-config.js'

/** WEIR_BROKERS; WEIR_PARTITIONS and WEIR_REPLICATION of topics that are created; WEIR_TOPIC_PREFIX of all names. */
export function openKafkaTransport(options: { readonly clientId: string; readonly env: Environment; readonly logger: Logger }): Transport {
  const { clientId, env, logger } = options
  const brokers = (env['WEIR_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '')
  if (brokers.length === 0) throw new ConfigFault('WEIR_BROKERS is not set. It lists brokers as host:port, separated by commas.')
  const partitions = count(env, 'WEIR_PARTITIONS')
  const replicationFactor = count(env, 'WEIR_REPLICATION')
  const prefix = env['WEIR_TOPIC_PREFIX']
  return createKafkaTransport({
    brokers,
    clientId,
    logger,
    ...(partitions === undefined ? {} : { partitions }),
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    ...(prefix === undefined ? {} : { prefix }),
  })
}

function count(env: Environment, key: string): number | undefined {
  const text = env[key]
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new ConfigFault(`${key} is not a count: ${text}`)
  return Number(text)
}
