export type { Job, ServiceDefinition, ServiceDeps } from './service-definition.js'
