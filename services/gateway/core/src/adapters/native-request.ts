import { asked, badField, type AdaptedEvent, type AdapterContext, type BadField } from '../adapted-event.js'
import type {
  AcceleratorCount,
  AcceleratorTotals,
  CanonicalRequest,
  CountRange,
  EndUse,
  Network,
  Principal,
  Region,
  Sku,
  Window,
} from '../canonical-request.js'
import { ofMachineType } from '../hardware.js'
import { epochOf, instant } from '../instant.js'
import { at, isCount, isFields, isOneOf, list, text, whole } from '../read.js'
import { range, request, stated, totalsOf } from '../request-builder.js'

const ACTIONS = ['create', 'resize', 'start', 'renew', 'delete', 'observe'] as const
const PRINCIPALS = ['user', 'role', 'root', 'service', 'serviceAccount', 'application'] as const
const DELIVERIES = ['remote', 'dedicated-host', 'colocation', 'on-premises', 'reseller-rack'] as const
const CATEGORIES = ['ai-training', 'ai-inference', 'rendering', 'simulation', 'general', 'other'] as const
const INTERCONNECTS = ['infiniband', 'roce', 'efa', 'nvlink-switch', 'ethernet'] as const
const PLACEMENTS = ['cluster', 'spread', 'none'] as const

/** Reads the fields of one native request and keeps what is wrong with them. */
class NativeReader {
  readonly problems: BadField[] = []

  constructor(private readonly data: unknown) {}

  need<T>(field: string, path: readonly string[], read: (value: unknown) => T | undefined): T | undefined {
    const value = at(this.data, ...path)
    if (value === undefined || value === null) return this.bad(field, 'missing')
    return read(value) ?? this.bad(field, 'invalid')
  }

  /** A field that may be absent, but not stated wrongly: it would be lost without a word. */
  may<T>(field: string, path: readonly string[], read: (value: unknown) => T | undefined): T | undefined {
    const value = at(this.data, ...path)
    return value === undefined || value === null ? undefined : (read(value) ?? this.bad(field, 'invalid'))
  }

  bad(field: string, problem: BadField['problem']): undefined {
    this.problems.push({ field, problem })
    return undefined
  }
}

function pieces(value: unknown): AcceleratorTotals | undefined {
  if (value === 'none' || value === 'unknown') return value
  if (!Array.isArray(value) || value.length > 64) return undefined
  const counts = list(value).map((item): AcceleratorCount | undefined => {
    const [model, count] = [text(at(item, 'model'), 120), at(item, 'count')]
    if (model === undefined || typeof count !== 'number' || !(count > 0) || count > 100_000_000) return undefined
    return stated({ model, count, form: text(at(item, 'form'), 60) })
  })
  return counts.every((count) => count !== undefined) ? counts : undefined
}

// A sender's word does not outrank the tables: where they know accelerators and the sender states none, nobody knows.
function settled(said: AcceleratorTotals | undefined, looked: AcceleratorTotals): AcceleratorTotals {
  if (said === undefined) return looked
  if (saysNone(said)) return Array.isArray(looked) ? 'unknown' : 'none'
  return said
}

interface Hardware {
  provider: string | undefined
  /** over the whole ask */
  said: AcceleratorTotals | undefined
}

function skusOf(value: unknown, { provider, said: ofAll }: Hardware, context: AdapterContext): Sku[] | BadField {
  if (!Array.isArray(value) || value.length > 256) return { field: 'data.skus', problem: 'invalid' }
  const skus: Sku[] = []
  for (const [i, item] of list(value).entries()) {
    const raw = text(at(item, 'raw'), 200)
    const count = at(item, 'count')
    const said = at(item, 'accelerators')
    if (raw === undefined) return { field: `data.skus[${i}].raw`, problem: 'missing' }
    if (typeof count !== 'number' || !isCount(count))
      return { field: `data.skus[${i}].count`, problem: count === undefined ? 'missing' : 'invalid' }
    const read = said === undefined || said === null ? undefined : pieces(said)
    if (said !== undefined && said !== null && read === undefined) return { field: `data.skus[${i}].accelerators`, problem: 'invalid' }
    const looked = provider === undefined ? 'unknown' : ofMachineType(context.catalog, provider, raw)
    skus.push({ raw, count, accelerators: settled(read ?? (saysNone(ofAll) ? 'none' : undefined), looked) })
  }
  return skus
}

function countRange(value: unknown): CountRange | undefined {
  const [min, max] = [at(value, 'min'), at(value, 'max')]
  return typeof min === 'number' && typeof max === 'number' ? range(min, max) : undefined
}

function principalOf(value: unknown): Principal | undefined {
  const [type, id] = [at(value, 'type'), text(at(value, 'id'), 500)]
  return isOneOf(PRINCIPALS, type) && id !== undefined ? stated({ type, id, onBehalfOf: text(at(value, 'onBehalfOf'), 500) }) : undefined
}

function regionOf(value: unknown): Region | undefined {
  const raw = text(at(value, 'raw'), 100)
  const said = at(value, 'iso3166')
  const country = text(said, 2)
  if (raw === undefined || (said !== undefined && !/^[A-Z]{2}$/.test(country ?? ''))) return undefined
  const named = { iso3166: country, dataCenter: text(at(value, 'dataCenter'), 200), operator: text(at(value, 'operator')) }
  return stated({ raw, ...named })
}

function windowOf(value: unknown): Window | undefined {
  const [start, end] = [at(value, 'start'), at(value, 'end')]
  const [from, to] = [epochOf(start), epochOf(end)]
  if ((start !== undefined && from === undefined) || (end !== undefined && to === undefined)) return undefined
  if (from !== undefined && to !== undefined && from >= to) return undefined
  return isFields(value) ? stated({ start: instant(start), end: instant(end) }) : undefined
}

function endUseOf(value: unknown): EndUse | undefined {
  const said = text(value, 2000)
  if (said !== undefined) return { statement: said }
  const category = at(value, 'category')
  if (!isFields(value) || (category !== undefined && !isOneOf(CATEGORIES, category))) return undefined
  return stated({ category, statement: text(at(value, 'statement'), 2000) })
}

function networkOf(value: unknown): Network | undefined {
  const [interconnect, placement, gbps] = [at(value, 'interconnect'), at(value, 'placement'), at(value, 'gbpsPerNode')]
  if (!isFields(value) || (interconnect !== undefined && !isOneOf(INTERCONNECTS, interconnect))) return undefined
  if (placement !== undefined && !isOneOf(PLACEMENTS, placement)) return undefined
  if (gbps !== undefined && !(typeof gbps === 'number' && gbps > 0 && gbps <= 1_000_000)) return undefined
  return stated({ interconnect, placement, gbpsPerNode: gbps })
}

function hintsOf(value: unknown): string[] | undefined {
  const hints = list(value).map((hint) => text(hint, 200))
  return Array.isArray(value) && hints.length <= 64 && hints.every((hint) => hint !== undefined) ? hints : undefined
}

const one =
  <const T extends readonly string[]>(values: T) =>
  (value: unknown): T[number] | undefined =>
    isOneOf(values, value) ? value : undefined

const textOf = (max: number) => (value: unknown) => text(value, max)

function optional(reader: NativeReader): Partial<CanonicalRequest> {
  return {
    principal: reader.may('data.principal', ['principal'], principalOf),
    resource: reader.may('data.resource', ['resource'], (value) =>
      isFields(value)
        ? stated({ kind: text(at(value, 'kind'), 100), id: text(at(value, 'id'), 500), name: text(at(value, 'name')) })
        : undefined,
    ),
    region: reader.may('data.region', ['region'], regionOf),
    window: reader.may('data.window', ['window'], windowOf),
    workloadHints: reader.may('data.workloadHints', ['workloadHints'], hintsOf),
    network: reader.may('data.network', ['network'], networkOf),
    endUse: reader.may('data.endUse', ['endUse'], endUseOf),
    delivery: reader.may('data.delivery', ['delivery'], one(DELIVERIES)),
    grantedCount: reader.may('data.grantedCount', ['grantedCount'], (value) => (typeof value === 'number' ? grantedOf(value) : undefined)),
  }
}

const grantedOf = (value: number): number | undefined => (value === 0 || isCount(value) ? whole(value) : undefined)

const saysNone = (said: AcceleratorTotals | undefined): boolean => said === 'none' || (Array.isArray(said) && said.length === 0)

/** Totals from what is known of each SKU; the sender's own totals stand only where nothing is known of a SKU. */
function totals(said: AcceleratorTotals | undefined, skus: readonly Sku[]): AcceleratorTotals {
  const own = saysNone(said) ? 'none' : (said ?? 'unknown')
  if (skus.length === 0) return own
  const counted = totalsOf(skus)
  return counted === 'unknown' && Array.isArray(own) ? own : counted
}

export interface Envelope {
  id: string
  time: unknown
  source: string
}

/** A native request in a CloudEvent. The envelope's id and time are the event's; a stated field must be right. */
export function adaptNative(envelope: Envelope, data: unknown, context: AdapterContext): AdaptedEvent {
  const reader = new NativeReader(data)
  if (!isFields(data)) return badField({ field: 'data', problem: data === undefined ? 'missing' : 'invalid' })
  const told = reader.may('data.occurredAt', ['occurredAt'], instant)
  const occurredAt = instant(envelope.time) ?? told ?? (reader.problems.length === 0 ? reader.bad('time', 'missing') : undefined)
  const system = reader.need('data.tenantRef.system', ['tenantRef', 'system'], textOf(100))
  const id = reader.need('data.tenantRef.id', ['tenantRef', 'id'], textOf(300))
  const action = reader.need('data.action', ['action'], one(ACTIONS))
  const enforcement = reader.need('data.enforcement', ['enforcement'], one(['pre', 'post']))
  const requestedCount = reader.need('data.requestedCount', ['requestedCount'], countRange)
  const provider = reader.may('data.provider', ['provider'], textOf(60))
  const source = reader.may('data.source', ['source'], textOf(200)) ?? envelope.source
  const outcome = reader.may('data.outcome', ['outcome'], one(['pending', 'succeeded', 'failed']))
  const said = reader.may('data.accelerators', ['accelerators'], pieces)
  const skus = skusOf(at(data, 'skus') ?? undefined, { provider, said }, context)
  if (!Array.isArray(skus)) reader.problems.push(at(data, 'skus') === undefined ? { field: 'data.skus', problem: 'missing' } : skus)
  const rest = optional(reader)
  const accelerators = totals(said, Array.isArray(skus) ? skus : [])
  const [problem] = reader.problems
  if (problem !== undefined) return badField(problem)
  if (!Array.isArray(skus) || system === undefined || id === undefined || action === undefined || enforcement === undefined)
    return badField({ field: 'data', problem: 'invalid' })
  const made = request({
    source,
    sourceEventId: envelope.id,
    occurredAt,
    action,
    tenantRef: { system, id },
    enforcement,
    provider,
    skus,
    requestedCount,
    accelerators,
    grantedCount: enforcement === 'pre' ? null : undefined,
    outcome: outcome ?? (enforcement === 'pre' ? 'pending' : undefined),
    ...stated(rest),
  })
  return asked(made, { detail: 'native request', actKey: `native:${source}:${envelope.id}`, resourceIds: resourceIds(made) })
}

const resourceIds = (made: CanonicalRequest): string[] => (made.resource?.id === undefined ? [] : [made.resource.id])
