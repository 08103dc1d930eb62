import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { createKafkaTransport, type KafkaLogin, type KafkaTransportOptions, type Transport } from '@weir/messaging'
import type { Logger } from 'pino'
import { ConfigFault, type Environment } from './service-config.js'

/**
 * WEIR_BROKERS; WEIR_PARTITIONS and WEIR_REPLICATION of topics that are created; WEIR_TOPIC_PREFIX of all names;
 * WEIR_KAFKA_USERNAME and WEIR_KAFKA_PASSWORD (SCRAM-SHA-512), absent where the broker asks nobody; WEIR_KAFKA_CA_FILE, in
 * PEM, for brokers that speak TLS; WEIR_INSTANCE, under which the process starts again after its end, by default the host's
 * name (two processes of one service on one host need one each); WEIR_KAFKA_GIVE_UP_AFTER (12): how often in a row a consumer may die, though the broker
 * answers, before `onGivenUp` is called.
 */
export function openKafkaTransport(options: KafkaEnvironment): Transport {
  return createKafkaTransport(kafkaOptions(options))
}

export interface KafkaEnvironment {
  readonly clientId: string
  readonly env: Environment
  readonly logger: Logger
  onGivenUp?(reason: string): void
}

/** The same as options, for whoever sets up the broker. */
export function kafkaOptions(options: KafkaEnvironment): KafkaTransportOptions {
  const { clientId, env, logger, onGivenUp } = options
  const brokers = (env['WEIR_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '')
  if (brokers.length === 0) throw new ConfigFault('WEIR_BROKERS is not set. It lists brokers as host:port, separated by commas.')
  const partitions = count(env, 'WEIR_PARTITIONS')
  const replicationFactor = count(env, 'WEIR_REPLICATION')
  const mostDeaths = count(env, 'WEIR_KAFKA_GIVE_UP_AFTER')
  const prefix = env['WEIR_TOPIC_PREFIX']
  const login = loginOf(env)
  const ca = authorityOf(env)
  return {
    brokers,
    clientId,
    logger,
    instance: env['WEIR_INSTANCE'] || hostname(),
    ...(partitions === undefined ? {} : { partitions }),
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(mostDeaths === undefined ? {} : { consumer: { mostDeaths } }),
    ...(onGivenUp === undefined ? {} : { onGivenUp }),
    ...(login === undefined ? {} : { login }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  }
}

/** Half a login is a mistake: it would connect as nobody where the broker lets nobody in, and as everybody elsewhere. */
function loginOf(env: Environment): KafkaLogin | undefined {
  const [username = '', password = ''] = [env['WEIR_KAFKA_USERNAME'], env['WEIR_KAFKA_PASSWORD']]
  if (username === '' && password === '') return undefined
  if (username !== '' && password !== '') return { username, password }
  throw new ConfigFault('WEIR_KAFKA_USERNAME and WEIR_KAFKA_PASSWORD belong together; one of them is not set.')
}

function authorityOf(env: Environment): string | undefined {
  const file = env['WEIR_KAFKA_CA_FILE']
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new ConfigFault(`WEIR_KAFKA_CA_FILE cannot be read: ${file}`)
  }
}

function count(env: Environment, key: string): number | undefined {
  const text = env[key]
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new ConfigFault(`${key} is not a count: ${text}`)
  return Number(text)
}
