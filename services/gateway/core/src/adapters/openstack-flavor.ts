import type { AdapterContext } from '../adapted-event.js'
import type { AcceleratorTotals, Sku } from '../canonical-request.js'
import { ofDevice, ofSite } from '../hardware.js'
import { at, isFields, text, whole } from '../read.js'
import { totalsOf } from '../request-builder.js'

// Placement classes that are no device.
const PLAIN_CLASS = /^(?:VCPU|PCPU|MEMORY_MB|DISK_GB|MEM_ENCRYPTION_CONTEXT|IPV4_ADDRESS|NUMA_\w+|NET_\w+|SRIOV_NET_VF|PCI_DEVICE_NET)$/
const RESOURCE_KEY = /^resources\w*:(\w+)$/

interface Device {
  name: string
  count: number
}

const aliasDevices = (value: unknown): Device[] =>
  (text(value, 2000) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const colon = part.lastIndexOf(':')
      const count = colon < 0 ? 1 : (whole(part.slice(colon + 1).trim()) ?? Number.NaN)
      return { name: colon < 0 ? part : part.slice(0, colon).trim(), count }
    })

/** Devices that a flavor's extra specs name: PCI aliases, placement resource classes, device profiles. */
function devicesOf(extraSpecs: { readonly [name: string]: unknown }): Device[] {
  return Object.entries(extraSpecs).flatMap(([key, value]) => {
    if (key === 'pci_passthrough:alias') return aliasDevices(value)
    if (key === 'accel:device_profile') return [{ name: String(value), count: Number.NaN }]
    const resource = RESOURCE_KEY.exec(key)?.[1]
    if (resource === undefined || PLAIN_CLASS.test(resource)) return []
    const count = whole(value) ?? Number.NaN
    // A slice of a card (VGPU) names no model, whatever the site calls the class.
    return [{ name: /^V?GPU$|^PGPU$/.test(resource) ? '' : resource.replace(/^CUSTOM_/, ''), count }]
  })
}

function totals(devices: readonly Device[], context: AdapterContext): AcceleratorTotals {
  const pieces: Sku[] = []
  for (const { name, count } of devices) {
    if (count === 0) continue
    if (!Number.isInteger(count) || count < 1 || count > 10_000) return 'unknown'
    pieces.push({ raw: name, count, accelerators: name === '' ? 'unknown' : ofDevice(context.catalog, name) })
  }
  return totalsOf(pieces)
}

/** A flavor as one machine with the devices that its extra specs state; undefined where the flavor is not spelled out. */
export function flavorSku(flavor: unknown, context: AdapterContext): Sku | undefined {
  const data = at(flavor, 'nova_object.data')
  const raw = text(at(data, 'name'), 200) ?? text(at(data, 'flavorid'), 200)
  if (raw === undefined) return undefined
  const extraSpecs = at(data, 'extra_specs')
  return {
    raw,
    count: 1,
    accelerators: ofSite(context.catalog, raw) ?? (isFields(extraSpecs) ? totals(devicesOf(extraSpecs), context) : 'unknown'),
  }
}
