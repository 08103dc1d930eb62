import { ignored, invalid, missing, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import { at, innerJson, isFields, list, text, type Fields } from '../read.js'
import { adaptCloudTrail } from './aws-cloudtrail.js'
import { adaptActivityLog } from './azure-activitylog.js'
import { adaptAuditLog } from './gcp-auditlog.js'
import { adaptAdmissionReview } from './kubernetes-admission.js'
import { adaptNative } from './native-request.js'
import { adaptNova } from './openstack-nova.js'
import { adaptSlurm } from './slurm.js'

export const NATIVE_TYPE = 'weir.provisioning.requested.v1'

type Adapter = (body: unknown, context: AdapterContext) => AdaptedEvent[]

/** Carriers name their types as they like; the record inside is known by its own form. */
const FORMS: readonly (readonly [(data: Fields) => boolean, Adapter])[] = [
  [(data) => isFields(at(data, 'protoPayload')), adaptAuditLog],
  [(data) => text(at(data, 'eventSource')) !== undefined && text(at(data, 'eventName')) !== undefined, adaptCloudTrail],
  [(data) => at(data, 'kind') === 'AdmissionReview', adaptAdmissionReview],
  [(data) => text(at(data, 'event_type')) !== undefined && isFields(at(data, 'payload')), adaptNova],
  [(data) => Object.hasOwn(data, 'oslo.message'), adaptNova],
  [(data) => text(at(data, 'operationName')) !== undefined && text(at(data, 'correlationId')) !== undefined, adaptActivityLog],
  [(data) => isFields(at(data, 'operationName')) && text(at(data, 'eventDataId')) !== undefined, adaptActivityLog],
  [(data) => isFields(at(data, 'job')) || list(at(data, 'jobs')).some((job) => at(job, 'job_id') !== undefined), adaptSlurm],
]

function adaptEvent(event: unknown, context: AdapterContext): AdaptedEvent[] {
  if (!isFields(event)) return [unreadable('not-the-format', 'a CloudEvent is a JSON object')]
  const [id, source, type] = (['id', 'source', 'type'] as const).map((name) => text(at(event, name), name === 'id' ? 300 : 1000))
  if (!String(at(event, 'specversion')).startsWith('1.'))
    return [Object.hasOwn(event, 'specversion') ? invalid('specversion') : missing('specversion')]
  if (id === undefined) return [missing('id')]
  if (source === undefined) return [missing('source')]
  if (type === undefined) return [missing('type')]
  if (Object.hasOwn(event, 'data_base64')) return [unreadable('field-invalid', 'data_base64: JSON is sent in data')]
  // Some senders put JSON into data as text.
  const data = typeof event['data'] === 'string' ? (innerJson(event['data']) ?? event['data']) : event['data']
  if (type === NATIVE_TYPE) return [adaptNative({ id, time: at(event, 'time'), source: source.slice(0, 200) }, data, context)]
  const form = isFields(data) ? FORMS.find(([matches]) => matches(data)) : undefined
  return form ? form[1](data, context) : [ignored('other-service', `CloudEvent type ${type}`)]
}

/** A structured event or a batch. */
export function adaptCloudEvents(body: unknown, context: AdapterContext): AdaptedEvent[] {
  return (Array.isArray(body) ? list(body) : [body]).flatMap((event) => adaptEvent(event, context))
}
