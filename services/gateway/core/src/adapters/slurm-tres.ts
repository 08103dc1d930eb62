import type { AdapterContext } from '../adapted-event.js'
import type { AcceleratorTotals, Sku } from '../canonical-request.js'
import { ofDevice, ofSite } from '../hardware.js'
import { at, isCount, list, text, whole } from '../read.js'

export interface Gres {
  /** without its number: `gres/gpu:h100` */
  raw: string
  type: string | undefined
  count: number
}

const FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 * 1024],
])

// Generic resources that are no processor.
const PLAIN = new Set(['nic', 'craynetwork', 'bandwidth', 'tmpfs', 'tmpdir', 'lscratch', 'localscratch', 'ssd', 'nvme', 'scratch'])

/** One `gres` of a TRES list; undefined for CPU, memory, licenses and what is no processor. NaN: the number cannot be read. */
function gresOf(item: string): Gres | undefined {
  const name = /^(?:gres[/:])?(.+)$/.exec(item)?.[1] ?? ''
  const parts = name.split(/[:=]/)
  const [kind = ''] = parts
  if (/^(?:cpu|mem|energy|node|billing|pages|vmem|license|bb|fs|ic)(?:$|[/=:])/.test(item) || PLAIN.has(kind)) return undefined
  const number = /^(\d+)([kKmM]?)$/.exec(parts.at(-1) ?? '')
  const named = parts.length > 1 && number ? parts.slice(0, -1) : parts
  const count = number && parts.length > 1 ? Number(number[1]) * (FACTORS.get((number[2] ?? '').toLowerCase()) ?? 1) : 1
  return { raw: `gres/${named.join(':')}`, type: named.length > 1 ? named.slice(1).join(':') : undefined, count }
}

export const gresList = (value: unknown): Gres[] =>
  (text(value, 4000) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .flatMap((item) => gresOf(item) ?? [])

export interface Multipliers {
  nodes: number
  tasks: number
  /** undefined: how many sockets a node has is not stated */
  sockets: number | undefined
}

/** Generic resources of the whole job: per job, else per node, per task, per socket. `tres_req_str` leaves them out. */
export function jobGres(job: unknown, by: Multipliers): { gres: Gres[]; certain: boolean } {
  const levels = [
    ['tres_per_job', 1],
    ['tres_per_node', by.nodes],
    ['tres_per_task', by.tasks],
    ['tres_per_socket', by.sockets],
  ] as const
  for (const [field, factor] of levels) {
    const gres = gresList(at(job, field))
    if (gres.length === 0) continue
    const rows = new Map<string, Gres>()
    for (const one of gres) rows.set(one.raw, { ...one, count: one.count * (factor ?? by.nodes) + (rows.get(one.raw)?.count ?? 0) })
    return { gres: [...rows.values()], certain: factor !== undefined }
  }
  return { gres: [], certain: true }
}

// Once started the allocation names what was given: `gpu:h100:1(IDX:0)`.
function allocatedType(job: unknown, raw: string): string | undefined {
  const kind = raw.slice('gres/'.length).split(':')[0] ?? ''
  const types = new Set(
    list(at(job, 'gres_detail')).flatMap((detail) => {
      const items = (text(detail, 4000) ?? '').replaceAll(/\([^)]*\)/g, '').split(',')
      return items.flatMap((item) => {
        const gres = gresOf(item.trim())
        return gres !== undefined && gres.raw.slice('gres/'.length).split(':')[0] === kind && gres.type !== undefined ? [gres.type] : []
      })
    }),
  )
  return types.size === 1 ? [...types][0] : undefined
}

function pieceOf(job: unknown, gres: Gres, context: AdapterContext): AcceleratorTotals {
  const site = ofSite(context.catalog, gres.raw)
  if (site !== undefined) return site
  const type = allocatedType(job, gres.raw) ?? gres.type
  return type === undefined ? 'unknown' : ofDevice(context.catalog, type)
}

/** The devices of a job as SKUs; undefined where a number is out of range. */
export function gresSkus(job: unknown, by: Multipliers, context: AdapterContext): Sku[] | undefined {
  const { gres, certain } = jobGres(job, by)
  const asked = gres.filter((one) => one.count !== 0)
  if (asked.some((one) => !isCount(one.count) || text(one.raw, 200) === undefined)) return undefined
  return asked.map((one) => ({ raw: one.raw, count: one.count, accelerators: certain ? pieceOf(job, one, context) : 'unknown' }))
}

/** A number as the interface writes it: plain, as text, or `{set, infinite, number}`. */
export function slurmNumber(value: unknown): number | undefined {
  const plain = whole(value)
  if (plain !== undefined) return plain
  if (at(value, 'set') === false || at(value, 'infinite') === true) return undefined
  return whole(at(value, 'number'))
}
