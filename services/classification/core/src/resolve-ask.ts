import { accelerator, resolveSku } from '@weir/catalog'
import type { AcceleratorPieces, Catalog, SkuResolution } from '@weir/catalog'
import type { StatedAccelerators, WorkloadFacts } from './facts.js'

export interface ResolvedAsk {
  readonly resolution: 'accelerators' | 'none' | 'unknown'
  readonly unknownSkus: readonly string[]
  /** pieces over the whole ask */
  readonly parts: readonly AcceleratorPieces[]
  /** parts that are in the ask for certain, in an unknown number */
  readonly uncounted: readonly string[]
  /** machines */
  readonly nodes: number
}

/**
 * What the ask holds, from the machine names and from what the sender states beside them. The tables win over a
 * statement; a statement fills what they leave open; nothing turns a known part into none.
 */
export function resolveAsk(facts: WorkloadFacts, catalog: Catalog): ResolvedAsk {
  const only = facts.skus.length === 1 ? (facts.most ?? 0) : 0
  const lines = facts.skus.map((sku) => {
    const byName = resolveSku(catalog, { provider: facts.provider, raw: sku.raw })
    const count = Math.max(sku.count, only)
    return { raw: sku.raw, count, machines: byName.kind === 'unknown' ? 0 : count, answer: settle(catalog, byName, sku.accelerators) }
  })
  const counts = new Map<string, number>()
  for (const { answer, count } of lines) {
    if (answer.kind !== 'accelerators') continue
    for (const part of answer.accelerators) counts.set(part.model, (counts.get(part.model) ?? 0) + part.count * count)
  }
  const total = listOf(facts.accelerators)
  for (const part of total) counts.set(part.model, Math.max(counts.get(part.model) ?? 0, part.count))
  const parts = [...counts].map(([model, count]) => ({ model, count })).sort((a, b) => (a.model < b.model ? -1 : 1))
  const unresolved = lines.filter((line) => line.answer.kind === 'unknown')
  return {
    resolution: resolutionOf({ facts, catalog, parts, unresolved: unresolved.length }),
    unknownSkus: [
      ...new Set([
        ...unresolved.map((line) => line.raw),
        ...total.filter((part) => !accelerator(catalog, part.model)).map((part) => part.model),
      ]),
    ],
    parts,
    uncounted: [...new Set(unresolved.flatMap(({ answer }) => (answer.kind === 'unknown' ? answer.models : [])))],
    nodes: machinesOf(facts, lines),
  }
}

/** A name that the tables do not know may be a device, and its count one of devices; it counts only where nothing else is stated. */
function machinesOf(facts: WorkloadFacts, lines: readonly { readonly count: number; readonly machines: number }[]): number {
  const machines = lines.reduce((total, line) => total + line.machines, 0)
  return facts.most === undefined ? lines.reduce((total, line) => total + line.count, 0) : Math.max(facts.most, machines)
}

interface Outcome {
  readonly facts: WorkloadFacts
  readonly catalog: Catalog
  readonly parts: readonly AcceleratorPieces[]
  readonly unresolved: number
}

function resolutionOf({ facts, catalog, parts, unresolved }: Outcome): ResolvedAsk['resolution'] {
  if (unresolved > 0 || parts.some((part) => !accelerator(catalog, part.model))) return 'unknown'
  if (parts.length > 0) return 'accelerators'
  return facts.skus.length > 0 || statesNone(facts.accelerators) ? 'none' : 'unknown'
}

function settle(catalog: Catalog, answer: SkuResolution, stated: StatedAccelerators | undefined): SkuResolution {
  if (answer.kind === 'accelerators') return answer
  const list = listOf(stated)
  if (list.length > 0) return settledByList({ catalog, answer, list })
  if (answer.kind === 'unknown' && statesNone(stated) && (answer.reason === 'no-match' || answer.reason === 'attachable'))
    return { kind: 'none' }
  return answer
}

interface Statement {
  readonly catalog: Catalog
  readonly answer: SkuResolution
  readonly list: readonly AcceleratorPieces[]
}

/** A list with an unlisted part, or without a part that is there for certain, settles nothing. */
function settledByList({ catalog, answer, list }: Statement): SkuResolution {
  const unlisted = list.find((part) => !accelerator(catalog, part.model))
  if (unlisted) {
    const models = list.filter((part) => accelerator(catalog, part.model)).map((part) => part.model)
    return { kind: 'unknown', reason: 'no-match', why: `the sender states ${unlisted.model}, which is not listed`, models }
  }
  const certain = answer.kind === 'unknown' && answer.reason === 'count-unknown' ? answer.models : []
  return certain.every((model) => list.some((part) => part.model === model)) ? { kind: 'accelerators', accelerators: list } : answer
}

function listOf(stated: StatedAccelerators | undefined): readonly AcceleratorPieces[] {
  return stated === undefined || stated === 'none' || stated === 'unknown' ? [] : stated
}

const statesNone = (stated: StatedAccelerators | undefined): boolean => stated === 'none' || (stated !== 'unknown' && stated?.length === 0)
