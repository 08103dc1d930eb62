import { z } from 'zod'
import { meaningOf } from './event-schemas.mjs'

const kafkaBinding = '0.5.0'
const ref = (path) => ({ $ref: path })

/** What each topic is for; the events on it come from the catalog. */
const topics = {
  'weir.intake':
    'Public: provisioning events as platform teams emit them, in the native form of their platform or as the canonical request.',
  'weir.answers': 'Public: the answer to each request, sent after its receipt was verified.',
  'weir.provisioning': 'Internal: what is asked for, and what became of it.',
  'weir.customers': 'Internal: customers, their tenants, and the screening lists in force.',
  'weir.identity': 'Internal: who stands behind an ask. Only identity may write here.',
  'weir.classification': 'Internal: what an ask asks for. Only classification may write here.',
  'weir.decisions':
    'Internal: decisions before their receipt, cases, licenses, policy. Whoever acts on a decision found here breaks the promise of the system.',
  'weir.ledger': 'Internal: receipts of recorded entries.',
  'weir.reports': 'Internal: released reports.',
}

/** AsyncAPI 3.0 document: channels are topics, operations are those of our services. */
export function asyncApi({ catalog, submittedRequest }) {
  const events = Object.entries(catalog)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Weir events',
      version: '1.0.0',
      description:
        'CloudEvents 1.0.2 in the binary mode of the Kafka binding: context attributes in ce_ headers, data as JSON. The key is the customer id, or tenant:<system>:<id> while nobody knows whose tenant it is; every topic has the same partition count, so order per customer holds.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(Object.entries(topics).map(([topic, description]) => [topic, channel(topic, description, events)])),
    operations: operations(events),
    components: {
      messages: { ...Object.fromEntries(events.map(([type]) => [type, message(type)])), ...intakeMessages },
      schemas: {
        ...Object.fromEntries(events.map(([type, { schema }]) => [type, draft7(schema)])),
        'weir.intake.canonical': draft7(submittedRequest),
      },
      messageTraits: { cloudEvent: cloudEventTrait },
    },
  }
}

function channel(topic, description, events) {
  const names =
    topic === 'weir.intake' ? Object.keys(intakeMessages) : events.filter(([, entry]) => entry.topic === topic).map(([type]) => type)
  return {
    address: topic,
    description,
    messages: Object.fromEntries(names.map((name) => [name, ref(`#/components/messages/${name}`)])),
    bindings: { kafka: { topicConfiguration: { 'cleanup.policy': ['delete'] }, bindingVersion: kafkaBinding } },
  }
}

function operations(events) {
  const one = (service, action, { topic, names }) => [
    `${service}.${action}.${topic}`,
    {
      action,
      channel: ref(`#/channels/${topic}`),
      title: `${service} ${action}s on ${topic}`,
      tags: [{ name: service }],
      messages: names.map((name) => ref(`#/channels/${topic}/messages/${name}`)),
    },
  ]
  const sent = grouped(events, ([, entry]) => [entry.owner])
  const received = grouped(events, ([, entry]) => entry.consumers)
  return Object.fromEntries([
    one('gateway', 'receive', { topic: 'weir.intake', names: Object.keys(intakeMessages) }),
    ...sent.map(({ service, ...rest }) => one(service, 'send', rest)),
    ...received.map(({ service, ...rest }) => one(service, 'receive', rest)),
  ])
}

/** Events per service and topic, in the order of the catalog. */
function grouped(events, servicesOf) {
  const groups = new Map()
  for (const event of events) {
    const [type, { topic }] = event
    for (const service of servicesOf(event)) {
      const group = groups.get(`${service} ${topic}`) ?? { service, topic, names: [] }
      group.names.push(type)
      groups.set(`${service} ${topic}`, group)
    }
  }
  return [...groups.values()]
}

const kafkaKey = { kafka: { key: { type: 'string', maxLength: 400 }, bindingVersion: kafkaBinding } }

function message(type) {
  return {
    name: type,
    title: type,
    summary: meaningOf(type),
    contentType: 'application/json',
    traits: [ref('#/components/messageTraits/cloudEvent')],
    payload: ref(`#/components/schemas/${type}`),
    bindings: kafkaKey,
  }
}

const intakeMessages = {
  'weir.intake.canonical': {
    name: 'weir.intake.canonical',
    title: 'A provisioning event in the canonical form',
    contentType: 'application/json',
    traits: [ref('#/components/messageTraits/cloudEvent')],
    payload: ref('#/components/schemas/weir.intake.canonical'),
  },
  'weir.intake.native': {
    name: 'weir.intake.native',
    title: "A record in its platform's own form",
    summary:
      'The header weir-platform names the platform (aws-cloudtrail, kubernetes-admission, slurm, …); the value is the record as the platform wrote it.',
    contentType: 'application/json',
    headers: { type: 'object', properties: { 'weir-platform': { type: 'string' } } },
    payload: { type: 'object' },
  },
}

const text = (description, more = {}) => ({ type: 'string', description, ...more })

const cloudEventTrait = {
  contentType: 'application/json',
  headers: {
    type: 'object',
    required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time'],
    properties: {
      ce_specversion: { const: '1.0' },
      ce_id: text('the same event has the same id, however often it is delivered', { format: 'uuid' }),
      ce_type: text('weir.<event>.v<version>'),
      ce_source: text('/weir/<service>'),
      ce_subject: text('what the event is about: a request id, a customer id, …'),
      ce_time: text('RFC 3339, UTC', { format: 'date-time' }),
      ce_traceparent: text('W3C trace context of the request that caused this'),
    },
  },
}

function draft7(schema) {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
  return rest
}
