import type { Catalog } from '@weir/catalog'
import type { AcceleratorTotals, Sku } from '../canonical-request.js'
import { ofDevice, ofMachineType } from '../hardware.js'
import { at, isCount, lastSegment, list, text, whole } from '../read.js'

const TPU = /^(v\d+(?:litepod|[a-z]+)?)-(\d+)$/i
// Names of these generations count cores, two to a chip; the others count chips.
const CORE_COUNTED = new Set(['v2', 'v3', 'v4', 'v5p'])
const GENERATIONS: ReadonlyMap<string, string> = new Map([['v5litepod', 'v5e']])

/** What one TPU slice holds, from its accelerator type (`v5p-512`). */
export function ofTpuSlice(catalog: Catalog, acceleratorType: string): AcceleratorTotals {
  const [, generation = '', size = ''] = TPU.exec(acceleratorType.toLowerCase()) ?? []
  const chips = CORE_COUNTED.has(generation) ? Number(size) / 2 : Number(size)
  if (!isCount(chips)) return 'unknown'
  const known = ofDevice(catalog, `tpu-${GENERATIONS.get(generation) ?? generation}`)
  return Array.isArray(known) ? known.map(({ model }) => ({ model, count: chips })) : 'unknown'
}

/** An attachable accelerator type: `nvidia-tesla-t4`, `NVIDIA_H100_80GB`. */
export function ofAcceleratorType(catalog: Catalog, name: string): AcceleratorTotals {
  const type = name.toLowerCase().replaceAll('_', '-').replace(/-vws$/, '')
  const attached = ofMachineType(catalog, 'gcp', `n1+${type}x1`)
  return Array.isArray(attached) ? attached : ofDevice(catalog, type)
}

export interface MachineBlock {
  machineType: unknown
  /** attached accelerators as `[type, count of one machine]` */
  attached: readonly (readonly [unknown, unknown])[]
  machines: number
}

export const guestAccelerators = (value: unknown): (readonly [unknown, unknown])[] =>
  list(value).map((item) => [at(item, 'acceleratorType'), at(item, 'acceleratorCount')] as const)

// These series take attached accelerators and carry none by themselves.
const ATTACHABLE = /^(?:n1-|custom-)/

function bareMachine(catalog: Catalog, raw: string): AcceleratorTotals {
  return ATTACHABLE.test(raw) ? 'none' : ofMachineType(catalog, 'gcp', raw)
}

/** The SKUs of a complete ask for machines; undefined where it names no machine type or a count cannot be read. */
export function machineBlock(catalog: Catalog, block: MachineBlock): Sku[] | undefined {
  const raw = lastSegment(text(block.machineType, 1000))
  if (raw === undefined) return undefined
  const own = bareMachine(catalog, raw)
  const skus: Sku[] = [{ raw, count: block.machines, accelerators: own }]
  // Machine types with accelerators built in list the same ones again as attached.
  if (Array.isArray(own)) return skus
  for (const [type, count] of block.attached) {
    const name = lastSegment(text(type, 1000))
    const each = whole(count)
    if (name === undefined || each === 0) continue
    if (!isCount(each) || !isCount(each * block.machines)) return undefined
    skus.push({ raw: name, count: each * block.machines, accelerators: ofAcceleratorType(catalog, name) })
  }
  return skus
}
