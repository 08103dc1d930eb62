export { CommandLogMigration } from './command-log-migration.js'
export { kafkaOptions, openKafkaTransport, type KafkaEnvironment } from './open-kafka-transport.js'
export type { Parking } from './parking.js'
export { parseBody } from './parse-body.js'
export { ProblemError, type ProblemBody, type ProblemDetail, type ProblemFields } from './problem-error.js'
export { actorOf, requireIdempotencyKey, type Actor, type RequestHeaders } from './request-headers.js'
export {
  runIdempotent,
  runIdempotentMany,
  type CommandAnswer,
  type IdempotentCommand,
  type KeptAnswer,
  type KeyedCommand,
} from './run-idempotent.js'
export { runService } from './run-service.js'
export { runTogether, type RunTogetherOptions, type TogetherHandle } from './run-together.js'
export { ConfigFault, parseServiceConfig, type Environment } from './service-config.js'
export type { InternalAccess, Job, ServiceDefinition, ServiceDeps } from './service-definition.js'
export type { ServiceLoad } from './service-load.js'
export { startService, type ServiceHandle, type StartOptions } from './start-service.js'
