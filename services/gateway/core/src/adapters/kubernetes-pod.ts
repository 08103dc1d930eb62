import type { Catalog } from '@weir/catalog'
import type { AcceleratorTotals, Interconnect } from '../canonical-request.js'
import { ofDevice, ofSite } from '../hardware.js'
import { at, isFields, list, text, whole } from '../read.js'

export interface PodDevice {
  raw: string
  /** of one pod */
  count: number
  piece: AcceleratorTotals
}

export interface PodAsk {
  devices: PodDevice[]
  /** a claim whose template is not in the body: its device class must be looked up */
  unresolvedClaims: boolean
  commands: string[]
  interconnect?: Interconnect
}

/** `invalid` names the field whose number cannot be read. */
export type PodReading = PodAsk | { invalid: string }

/** The device classes of a claim template, by its name. */
export type ClaimTemplates = ReadonlyMap<string, readonly { raw: string; count: number }[]>

const CORE_RESOURCE = /^(?:cpu|memory|storage|pods|ephemeral-storage|hugepages-.+|attachable-volumes-.+|.*kubernetes\.io\/.+)$/
// Extended resources that are no processor.
const PLAIN_RESOURCE =
  /^(?:rdma\/|vpc\.amazonaws\.com\/|devices\.kubevirt\.io\/|smarter-devices\/|github\.com\/fuse|.*\/(?:efa|fuse|kvm|tun|vhost-net|pod-eni|hca\w*|roce\w*|mlnx\w*|sriov\w*))/
const PRODUCT_LABELS = [
  'nvidia.com/gpu.product',
  'cloud.google.com/gke-accelerator',
  'cloud.google.com/gke-tpu-accelerator',
  'karpenter.k8s.aws/instance-gpu-name',
  'k8s.amazonaws.com/accelerator',
  'amd.com/gpu.product-name',
  'gpu.nvidia.com/model',
]

// Kubernetes lets a scheduler pick any of several values: then no model is stated.
function selectedProduct(spec: unknown): string | undefined {
  const selected = PRODUCT_LABELS.map((label) => text(at(spec, 'nodeSelector', label))).find((value) => value !== undefined)
  if (selected !== undefined) return selected
  const terms = list(at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'))
  const products = new Set(
    terms.map((term) => {
      const match = list(at(term, 'matchExpressions')).find(
        (expression) => PRODUCT_LABELS.includes(String(at(expression, 'key'))) && at(expression, 'operator') === 'In',
      )
      const values = list(at(match, 'values'))
      return values.length === 1 ? text(values[0]) : undefined
    }),
  )
  return products.size === 1 ? [...products][0] : undefined
}

function quantity(value: unknown): number {
  const plain = whole(value)
  if (plain !== undefined) return plain
  const scaled = /^(\d{1,9})k$/.exec(text(value, 20) ?? '')
  return scaled ? Number(scaled[1]) * 1000 : Number.NaN
}

const isDevice = (name: string): boolean => name.includes('/') && !CORE_RESOURCE.test(name) && !PLAIN_RESOURCE.test(name)

/** Extended resources of one container: its limits, else its requests, never both. */
function containerDevices(container: unknown): Map<string, number> | string {
  const devices = new Map<string, number>()
  for (const source of ['limits', 'requests']) {
    const resources = at(container, 'resources', source)
    for (const [name, value] of Object.entries(isFields(resources) ? resources : {})) {
      if (!isDevice(name) || devices.has(name)) continue
      const count = quantity(value)
      if (!Number.isInteger(count) || count < 0 || count > 1_000_000 || text(name, 200) === undefined) return `resources.${source}.${name}`
      devices.set(name, count)
    }
  }
  return devices
}

// Init containers run one after the other before the rest, except sidecars, which stay.
function podDevices(spec: unknown): Map<string, number> | string {
  const total = new Map<string, number>()
  const peak = new Map<string, number>()
  const groups = [
    ['containers', list(at(spec, 'containers'))],
    ['initContainers', list(at(spec, 'initContainers'))],
  ] as const
  for (const [group, containers] of groups) {
    for (const container of containers) {
      const devices = containerDevices(container)
      if (typeof devices === 'string') return `${group}[].${devices}`
      const stays = group === 'containers' || at(container, 'restartPolicy') === 'Always'
      for (const [name, count] of devices) {
        if (stays) total.set(name, (total.get(name) ?? 0) + count)
        else peak.set(name, Math.max(peak.get(name) ?? 0, count))
      }
    }
  }
  for (const [name, count] of peak) total.set(name, Math.max(total.get(name) ?? 0, count))
  return total
}

/** Device classes and counts of a claim's spec, in any of its API versions; undefined where one cannot be read. */
export function claimDevices(spec: unknown): { raw: string; count: number }[] | undefined {
  const found: { raw: string; count: number }[] = []
  for (const request of list(at(spec, 'devices', 'requests'))) {
    const alternatives = list(at(request, 'firstAvailable'))
    const exact = at(request, 'exactly') ?? (alternatives.length === 1 ? alternatives[0] : request)
    const raw = text(at(exact, 'deviceClassName'), 200)
    const count = at(exact, 'count') === undefined ? 1 : whole(at(exact, 'count'))
    if (raw === undefined || count === undefined || count < 1 || at(exact, 'allocationMode') === 'All') return undefined
    found.push({ raw, count })
  }
  return found
}

function claims(spec: unknown, templates: ClaimTemplates): { found: { raw: string; count: number }[]; unresolved: boolean } {
  const found: { raw: string; count: number }[] = []
  let unresolved = false
  for (const claim of list(at(spec, 'resourceClaims'))) {
    const template = text(at(claim, 'resourceClaimTemplateName'))
    const devices = template === undefined ? undefined : templates.get(template)
    if (devices === undefined) unresolved = true
    else found.push(...devices)
  }
  return { found, unresolved }
}

const words = (value: unknown): string =>
  list(value)
    .flatMap((word) => text(word, 4000) ?? [])
    .join(' ')

function interconnectOf(spec: unknown): Interconnect | undefined {
  const names = list(at(spec, 'containers')).flatMap((container) => {
    const limits = at(container, 'resources', 'limits')
    return isFields(limits) ? Object.keys(limits) : []
  })
  if (names.some((name) => name.endsWith('/efa'))) return 'efa'
  return names.some((name) => /^rdma\/(?:ib|hca)|infiniband/.test(name)) ? 'infiniband' : undefined
}

/** What one pod of a spec takes. */
export function readPod(spec: unknown, context: { catalog: Catalog; templates: ClaimTemplates }): PodReading {
  const devices = podDevices(spec)
  if (typeof devices === 'string') return { invalid: devices }
  const product = selectedProduct(spec)
  const piece = (raw: string): AcceleratorTotals =>
    product === undefined ? (ofSite(context.catalog, raw) ?? 'unknown') : ofDevice(context.catalog, product)
  const { found, unresolved } = claims(spec, context.templates)
  const interconnect = interconnectOf(spec)
  return {
    devices: [
      ...[...devices].filter(([, count]) => count > 0).map(([raw, count]) => ({ raw, count, piece: piece(raw) })),
      ...found.map(({ raw, count }) => ({ raw, count, piece: ofSite(context.catalog, raw) ?? 'unknown' })),
    ],
    unresolvedClaims: unresolved,
    commands: list(at(spec, 'containers')).map((container) => `${words(at(container, 'command'))} ${words(at(container, 'args'))}`),
    ...(interconnect === undefined ? {} : { interconnect }),
  }
}
