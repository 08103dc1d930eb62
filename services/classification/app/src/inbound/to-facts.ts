import type { WorkloadFacts } from '@weir/classification-core'
import type { EventData } from '@weir/contracts'

type ProvisioningRequested = EventData<'weir.provisioning.requested.v1'>
type Request = ProvisioningRequested['request']

/** Only what classification needs: no tenant, no person, no free text about the purpose is kept here. */
export function toFacts(event: ProvisioningRequested): WorkloadFacts {
  const { request } = event
  const at = request.occurredAt ?? request.receivedAt ?? event.receivedAt
  const hints = hintsOf(request)
  return {
    at,
    skus: request.skus.map(({ raw, count, accelerators }) => ({ raw, count, ...stated('accelerators', statedOf(accelerators)) })),
    ...stated('provider', request.provider),
    ...stated('most', request.requestedCount?.max),
    ...stated('accelerators', statedOf(request.accelerators)),
    ...stated('durationHours', durationOf(request, at)),
    ...(hints.length === 0 ? {} : { hints }),
    ...stated('interconnect', request.network?.interconnect),
    ...stated('gbpsPerNode', request.network?.gbpsPerNode),
    ...stated('placement', request.network?.placement),
    ...stated('declared', request.endUse?.category),
    ...stated('region', regionOf(request)),
  }
}

/** An absent fact has no member at all, so that it cannot pass for a value. */
function stated<Name extends string, Value>(name: Name, value: Value | undefined): { [K in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: Value }
}

function statedOf(accelerators: Request['accelerators']): WorkloadFacts['accelerators'] {
  if (accelerators === undefined || typeof accelerators === 'string') return accelerators
  return accelerators.map(({ model, count }) => ({ model, count }))
}

const HOUR = 3_600_000

function durationOf(request: Request, at: string): number | undefined {
  const end = request.window?.end
  return end === undefined ? undefined : Math.max(0, Date.parse(end) - Date.parse(request.window?.start ?? at)) / HOUR
}

function hintsOf(request: Request): readonly string[] {
  const kind = request.resource?.kind
  return [...(request.workloadHints ?? []), ...(kind === undefined ? [] : [`kind:${kind}`])]
}

function regionOf(request: Request): WorkloadFacts['region'] {
  if (!request.region) return undefined
  const { raw, iso3166, operator } = request.region
  return { raw, ...stated('country', iso3166), ...stated('operator', operator) }
}
