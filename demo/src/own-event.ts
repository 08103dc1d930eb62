import type { Access } from './weir-client.js'

/** How somebody sends an event of their own: a command for a shell, whole. */
export function ownEventCommand(access: Access): string {
  const body = {
    source: 'my-control-plane',
    sourceEventId: 'my-event-1',
    occurredAt: '2026-11-23T09:00:00Z',
    action: 'create',
    tenantRef: { system: 'aws', id: '000000000101' },
    enforcement: 'pre',
    provider: 'aws',
    region: { raw: 'us-west-2' },
    skus: [{ raw: 'p5.48xlarge', count: 2 }],
    requestedCount: { min: 2, max: 2 },
    delivery: 'remote',
  }
  return [
    `curl -s ${access.url}/v1/provisioning-requests:decide \\`,
    `  -H 'Authorization: Bearer ${access.apiKey}' -H 'Content-Type: application/json' -H 'Idempotency-Key: my-event-1' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n')
}
