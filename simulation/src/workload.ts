import { normalizeName, type CustomerDeclaration } from '@weir/identity-core'
import type { CanonicalRequest, License } from '@weir/contracts'
import type { Ask } from '../../services/gateway/app/src/use-cases/accept-requests.js'
import type { MapSku } from '../../services/classification/app/src/use-cases/map-sku.js'
import type { PublishedEntry } from '../../services/identity/app/src/use-cases/ports.js'
import type { Random } from './engine/random.js'

/** Something that a client, an officer or an operator does until it has succeeded once. */
export type Act =
  | { readonly kind: 'ask'; readonly asks: readonly Ask[] }
  | { readonly kind: 'declare'; readonly declaration: CustomerDeclaration; readonly tenants: readonly { system: string; id: string }[] }
  | { readonly kind: 'list'; readonly entries: readonly PublishedEntry[] }
  | { readonly kind: 'map'; readonly sku: MapSku }
  | { readonly kind: 'license'; readonly license: License }

export const START = Date.parse('2026-10-01T08:00:00.000Z')
const CUSTOMERS = 5
const SYSTEM = 'portal'
const headquarters = ['DE', 'CN', 'AE', 'US', 'SG'] as const
const machines = ['p5.48xlarge', 'p5.48xlarge', 'p4d.24xlarge', 'm7i.large', 'zz9.48xlarge'] as const
const deliveries = ['remote', 'remote', 'colocation', 'dedicated-host'] as const
const regions = ['us-east-1', 'me-central-1', 'ap-southeast-1'] as const
const uses = ['ai-inference', 'ai-inference', 'ai-training'] as const
const names = ['Amber Compute', 'Birch Compute', 'Cedar Compute', 'Dune Compute', 'Elm Compute'] as const

/** What is asked in one run, in the order in which it starts; all of it follows from the seed. */
export function workloadOf(random: Random, { requests, group }: { readonly requests: number; readonly group: number }): Act[] {
  const early = Array.from({ length: CUSTOMERS }, (_, n) => n).filter(() => random.chance(0.7))
  const late = Array.from({ length: CUSTOMERS }, (_, n) => n).filter((n) => !early.includes(n))
  const groups: Act[] = []
  for (let n = 0; n < requests;) {
    const size = Math.min(requests - n, 1 + random.int(group))
    groups.push(...groupOf(random, { first: n, size }))
    n += size
  }
  const changes: Act[] = [
    ...late.map((n) => declare(random, n)),
    ...Array.from({ length: 1 + random.int(3) }, () => declare(random, random.int(CUSTOMERS))),
    ...Array.from({ length: random.int(3) }, () => list(random)),
    ...(random.chance(0.5) ? [mapping(random)] : []),
    ...Array.from({ length: 1 + random.int(3) }, (_, n) => license(random, n)),
  ]
  const acts = [...early.map((n) => declare(random, n)), list(random), ...groups]
  for (const change of changes) acts.splice(early.length + random.int(acts.length - early.length + 1), 0, change)
  return acts
}

/** Requests side by side, now and then the same ones again, and what the platform reports about them later. */
function groupOf(random: Random, of: { readonly first: number; readonly size: number }): Act[] {
  const asks = Array.from({ length: of.size }, (_, n) => ask(random, of.first + n))
  const steps = asks.flatMap((one, n) => (random.chance(0.3) ? [step(random, { one, n: of.first + n })] : []))
  return [
    { kind: 'ask', asks },
    ...(random.chance(0.2) ? [{ kind: 'ask' as const, asks: asks.slice(0, 2) }] : []),
    ...(steps.length > 0 ? [{ kind: 'ask' as const, asks: steps }] : []),
  ]
}

function ask(random: Random, n: number): Ask {
  const tenant = random.int(CUSTOMERS + 1)
  const request: CanonicalRequest = {
    source: SYSTEM,
    sourceEventId: `event-${n}`,
    occurredAt: new Date(START + n).toISOString(),
    action: 'create',
    tenantRef: { system: SYSTEM, id: `tenant-${tenant}` },
    enforcement: 'pre',
    provider: 'aws',
    skus: [{ raw: random.pick(machines), count: 1 + random.int(2) }],
    requestedCount: { min: 1, max: 2 },
    region: { raw: random.pick(regions) },
    delivery: random.pick(deliveries),
    endUse: { category: random.pick(uses) },
    resource: { id: `machine-${n}` },
    outcome: 'pending',
  }
  return { request, actKey: `native\n${SYSTEM}\nevent-${n}`, fingerprint: `asked ${n}`, whole: true, resourceIds: [`machine-${n}`] }
}

function step(random: Random, { one, n }: { readonly one: Ask; readonly n: number }): Ask {
  const { tenantRef } = one.request
  if (random.chance(0.3)) {
    const request: CanonicalRequest = {
      source: SYSTEM,
      action: 'delete',
      enforcement: 'post',
      skus: [],
      outcome: 'succeeded',
      ...(tenantRef ? { tenantRef } : {}),
    }
    return { request, actKey: `native\n${SYSTEM}\ngone-${n}`, fingerprint: `gone ${n}`, whole: false, resourceIds: one.resourceIds }
  }
  const outcome = random.chance(0.6) ? 'succeeded' : 'failed'
  const count = random.chance(0.3) ? { skus: one.request.skus.map((sku) => ({ ...sku, count: sku.count + 1 })) } : {}
  return { ...one, whole: false, request: { ...one.request, ...count, outcome } }
}

function declare(random: Random, n: number): Act {
  const ownerKnown = random.chance(0.8)
  const declaration: CustomerDeclaration = {
    customerId: `customer-${n}`,
    name: names[n] ?? `Company ${n}`,
    registeredIn: headquarters[n],
    headquarters: random.chance(0.8) ? headquarters[n] : random.pick(headquarters),
    ...(ownerKnown ? { noneAbove: true } : {}),
  }
  return { kind: 'declare', declaration, tenants: [{ system: SYSTEM, id: `tenant-${n}` }] }
}

function list(random: Random): Act {
  const listed = names.filter(() => random.chance(0.15))
  const entries = [...listed, 'Nobody Whom We Serve'].map((name) => ({
    entryId: `entry ${name}`,
    list: 'SDN',
    name,
    keys: [normalizeName(name)],
    cells: [name],
  }))
  return { kind: 'list', entries }
}

function mapping(random: Random): Act {
  const accelerators = random.chance(0.3) ? ('none' as const) : [{ model: 'nvidia-h100-sxm5-80gb', count: 8 }]
  return { kind: 'map', sku: { provider: 'aws', raw: 'zz9.48xlarge', accelerators, actor: 'operator' } }
}

function license(random: Random, n: number): Act {
  const customer = random.int(CUSTOMERS)
  return {
    kind: 'license',
    license: {
      licenseId: `license-${n}`,
      number: `D10000${n}`,
      customerId: `customer-${customer}`,
      paragraphs: ['3A090.a', '3A090.b'],
      models: [],
      quantity: 8 * (1 + random.int(8)),
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2027-01-01T00:00:00Z',
    },
  }
}
