import { ignored, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import { adaptCloudTrail } from './aws-cloudtrail.js'
import { adaptActivityLog } from './azure-activitylog.js'
import { adaptCloudEvents } from './cloudevents.js'
import { adaptAuditLog } from './gcp-auditlog.js'
import { adaptAdmissionReview } from './kubernetes-admission.js'
import { adaptNova } from './openstack-nova.js'
import { adaptSlurm } from './slurm.js'

export const PLATFORMS = [
  'aws-cloudtrail',
  'azure-activitylog',
  'gcp-auditlog',
  'openstack-nova',
  'kubernetes-admission',
  'slurm',
  'cloudevents',
] as const

export type Platform = (typeof PLATFORMS)[number]

export const isPlatform = (name: string): name is Platform => (PLATFORMS as readonly string[]).includes(name)

const ADAPTERS: Readonly<Record<Platform, (body: unknown, context: AdapterContext) => AdaptedEvent[]>> = {
  'aws-cloudtrail': adaptCloudTrail,
  'azure-activitylog': adaptActivityLog,
  'gcp-auditlog': adaptAuditLog,
  'openstack-nova': adaptNova,
  'kubernetes-admission': adaptAdmissionReview,
  slurm: adaptSlurm,
  cloudevents: adaptCloudEvents,
}

/** One body may hold so many events; what is beyond is told as one that was not read. */
export const MAX_EVENTS = 5000

/** What a body posted for a platform says: one answer per event, in the body's order. Total over all JSON. */
export function adapt(platform: Platform, body: unknown, context: AdapterContext): AdaptedEvent[] {
  const events = ADAPTERS[platform](body, context)
  if (events.length === 0) return [ignored('empty', 'the body holds no event')]
  if (events.length <= MAX_EVENTS) return events
  return [...events.slice(0, MAX_EVENTS), unreadable('too-many-events', `more than ${MAX_EVENTS} events in one body`)]
}
