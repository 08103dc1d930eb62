import type { SubmittedRequest } from '@weir/contracts'

interface DecideEvent {
  readonly via: 'decide'
  readonly body: SubmittedRequest
}

/** A command with a canonical request, or a platform's own record posted to `/v1/sources/{via}/events`. */
export type StoryEvent =
  DecideEvent | { readonly via: 'aws-cloudtrail' | 'azure-activitylog' | 'gcp-auditlog' | 'cloudevents'; readonly body: object }

/** When the stories happen, unless they say otherwise. */
export const storyTime = '2026-11-23T09:00:00Z'

/** A canonical request of a customer's AWS account, asked before anything runs. */
export function asked(
  id: string,
  ask: { readonly account: string; readonly sku: string; readonly count: number } & Partial<SubmittedRequest>,
): DecideEvent {
  const { account, sku, count, ...more } = ask
  return {
    via: 'decide',
    body: {
      source: 'demo-control-plane',
      sourceEventId: id,
      occurredAt: storyTime,
      action: 'create',
      tenantRef: { system: 'aws', id: account },
      enforcement: 'pre',
      provider: 'aws',
      region: { raw: 'us-west-2' },
      skus: [{ raw: sku, count }],
      requestedCount: { min: count, max: count },
      delivery: 'remote',
      ...more,
    },
  }
}

/** The same kind of request as a CloudEvent. */
export const asCloudEvent = (event: DecideEvent): StoryEvent => {
  const { source, sourceEventId, occurredAt, ...data } = event.body
  return {
    via: 'cloudevents',
    body: { specversion: '1.0', type: 'weir.provisioning.requested.v1', id: sourceEventId, source, time: occurredAt, data },
  }
}

/** A CloudTrail record of RunInstances. */
export const runInstances = (
  id: string,
  ask: { readonly account: string; readonly region: string; readonly sku: string; readonly count: number },
): StoryEvent => ({
  via: 'aws-cloudtrail',
  body: {
    eventVersion: '1.10',
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    awsRegion: ask.region,
    eventID: id,
    eventTime: storyTime,
    eventType: 'AwsApiCall',
    recipientAccountId: ask.account,
    userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::${ask.account}:assumed-role/platform/demo`, accountId: ask.account },
    requestParameters: { instanceType: ask.sku, instancesSet: { items: [{ minCount: ask.count, maxCount: ask.count }] } },
  },
})

/** An activity log record of a new virtual machine. */
export const writeVirtualMachine = (
  id: string,
  ask: { readonly subscription: string; readonly location: string; readonly sku: string },
): StoryEvent => ({
  via: 'azure-activitylog',
  body: {
    time: storyTime,
    resourceId: `/SUBSCRIPTIONS/${ask.subscription.toUpperCase()}/RESOURCEGROUPS/DEMO/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/${id.toUpperCase()}`,
    operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
    category: 'Administrative',
    resultType: 'Start',
    correlationId: id,
    identity: { claims: { appid: 'demo-platform' } },
    properties: {
      requestbody: JSON.stringify({ location: ask.location, properties: { hardwareProfile: { vmSize: ask.sku } } }),
    },
  },
})

/** An audit log entry of a new Compute Engine instance. */
export const insertInstance = (
  id: string,
  ask: { readonly project: string; readonly zone: string; readonly machineType: string },
): StoryEvent => ({
  via: 'gcp-auditlog',
  body: {
    insertId: id,
    timestamp: storyTime,
    resource: { type: 'gce_instance', labels: { project_id: ask.project, zone: ask.zone } },
    operation: { id: `operation-${id}`, producer: 'compute.googleapis.com', first: true },
    protoPayload: {
      serviceName: 'compute.googleapis.com',
      methodName: 'v1.compute.instances.insert',
      resourceName: `projects/${ask.project}/zones/${ask.zone}/instances/${id}`,
      authenticationInfo: { principalEmail: 'platform@demo.example' },
      request: {
        name: id,
        machineType: `projects/${ask.project}/zones/${ask.zone}/machineTypes/${ask.machineType}`,
        '@type': 'type.googleapis.com/compute.instances.insert',
      },
    },
  },
})
