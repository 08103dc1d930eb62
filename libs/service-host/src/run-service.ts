import { serviceNames } from '@weir/contracts'
import { armTestSwitch } from '@weir/messaging'
import { pino } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { openKafkaTransport } from './open-kafka-transport.js'
import { ConfigFault, envPrefix, type Environment } from './service-config.js'
import type { ServiceDefinition } from './service-definition.js'
import { withSettingsFile } from './settings-file.js'
import { startService, type ServiceHandle } from './start-service.js'

/**
 * One service as this process, on Kafka. Configuration comes from the environment:
 * WEIR_BROKERS (and what `openKafkaTransport` reads), WEIR_INTERNAL_TOKEN, WEIR_DATABASE_URL_<NAME>, WEIR_DATABASE_OWNER_URL_<NAME> (absent: somebody else
 * migrates), WEIR_<NAME>_PORT, WEIR_<OTHER>_URL (gateway: all; others: what they read), WEIR_HOST, WEIR_LOG_LEVEL, and the service's own keys;
 * what WEIR_SETTINGS_FILE holds counts like the environment (see `withSettingsFile`).
 * SIGTERM and SIGINT drain it. It ends by itself, with exit code 1, when its consumer dies again and again though the broker
 * answers: alive and deaf is worse than dead, because nobody starts it anew.
 */
export async function runService(definition: ServiceDefinition, environment: Environment = process.env): Promise<ServiceHandle> {
  const env = withSettingsFile(environment)
  armTestSwitch(env)
  const logger = pino({ level: env['WEIR_LOG_LEVEL'] ?? 'info', base: { service: definition.name } })
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const name = definition.name.toUpperCase().replaceAll('-', '_')
  const ownerUrl = env[`WEIR_DATABASE_OWNER_URL_${name}`]
  const onGivenUp = (reason: string) => {
    logger.fatal({ reason }, 'the consumer is beyond help; whoever watches this process has to start a fresh one')
    process.exit(1)
  }
  const transport = openKafkaTransport({ clientId: definition.name, env, logger, onGivenUp })
  let handle: ServiceHandle
  try {
    handle = await startService({
      definition,
      transport,
      databaseUrl: required(env, `WEIR_DATABASE_URL_${name}`),
      ...(ownerUrl === undefined ? {} : { ownerUrl }),
      env,
      internal: { token: required(env, 'WEIR_INTERNAL_TOKEN'), urls: urlsOf(definition, env) },
      host: env['WEIR_HOST'] ?? '127.0.0.1',
      port: portOf(env, definition.name),
      logger,
      metrics,
    })
  } catch (error) {
    await transport.close()
    throw error
  }
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= handle.stop().then(() => transport.close()))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping')
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.fatal({ err: error }, 'did not stop cleanly')
          process.exit(1)
        },
      )
    })
  }
  return { ...handle, stop }
}

function required(env: Environment, key: string): string {
  const value = env[key]
  if (value === undefined || value === '') throw new ConfigFault(`${key} is not set.`)
  return value
}

function portOf(env: Environment, service: string): number {
  const key = `${envPrefix(service)}PORT`
  const text = env[key] ?? '0'
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new ConfigFault(`${key} is not a port: ${text}`)
  return port
}

function urlsOf({ name, reads = [] }: ServiceDefinition, env: Environment): Record<string, string> {
  const found = serviceNames
    .filter((service) => name === 'gateway' || reads.includes(service))
    .map((service): [string, string | undefined] => [service, env[`${envPrefix(service)}URL`]])
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined).map(([service, url]) => [service, url.replace(/\/+$/, '')]),
  )
}
