import { UNSPECIFIED_PROVIDER } from './catalog.js'
import type { AcceleratorPieces, Catalog, SiteMapping, SkuFamily } from './catalog.js'
import { nameKey, skuName } from './sku-name.js'

/** Why a SKU is not resolved. What a sender states may settle `no-match` and `attachable`; see the README. */
export type UnresolvedReason = 'no-match' | 'safety-net' | 'attachable' | 'fpga' | 'count-unknown' | 'part-unnamed' | 'ambiguous'

export type SkuResolution =
  | { readonly kind: 'accelerators'; readonly accelerators: readonly AcceleratorPieces[] }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'unknown'
      readonly reason: UnresolvedReason
      /** one sentence */
      readonly why: string
      /** parts that are in the machine for certain although their number is not known */
      readonly models: readonly string[]
    }

export interface SkuQuery {
  /** absent: every provider is searched, and only an answer on which all of them agree counts */
  readonly provider?: string | undefined
  readonly raw: string
}

/** What is in one piece of a SKU, from its name alone. Unknown is never none. */
export function resolveSku(catalog: Catalog, query: SkuQuery): SkuResolution {
  const provider = query.provider?.trim().toLowerCase() || undefined
  const answer =
    provider === undefined || provider === UNSPECIFIED_PROVIDER ? searchAll(catalog, query.raw) : ofProvider(catalog, provider, query.raw)
  if (answer.kind !== 'unknown') return answer
  return fromSite(siteMapping(catalog, query)) ?? answer
}

/** The site's own row for a SKU, whether or not the tables know it as well. */
export function siteMapping(catalog: Catalog, query: SkuQuery): SiteMapping | undefined {
  const provider = query.provider?.trim().toLowerCase() || UNSPECIFIED_PROVIDER
  return catalog.siteMappings.get(nameKey(provider, skuName(provider, query.raw)))
}

/** A name is held against all patterns of its provider, and platforms ask for few names over and over. */
const answers = new WeakMap<Catalog, Map<string, SkuResolution>>()
const MOST_ANSWERS = 10_000
const LONGEST_NAME = 100

function ofProvider(catalog: Catalog, provider: string, raw: string): SkuResolution {
  const known = answers.get(catalog) ?? new Map<string, SkuResolution>()
  const query = `${provider}\n${raw}`
  const answer = known.get(query) ?? found(catalog, provider, raw)
  // Danger: names may be anybody's.
  if (known.size < MOST_ANSWERS && query.length <= LONGEST_NAME) answers.set(catalog, known.set(query, answer))
  return answer
}

function found(catalog: Catalog, provider: string, raw: string): SkuResolution {
  const name = skuName(provider, raw)
  const shape = catalog.instances.get(nameKey(provider, name)) ?? catalog.instances.get(nameKey(provider, raw))
  if (shape) {
    const label = `${shape.provider} ${shape.name}`
    if (shape.model === undefined) return unknown('part-unnamed', `${label} has accelerators that its vendor does not name`)
    if (!shape.count) return unknown('count-unknown', `${label} has an unknown number of ${shape.model}`, [shape.model])
    return { kind: 'accelerators', accelerators: [{ model: shape.model, count: shape.count }] }
  }
  const matching = (catalog.families.get(provider) ?? []).filter((family) => family.matches.test(name))
  return fromFamilies(matching, `${provider} ${name}`)
}

function fromFamilies(matching: readonly SkuFamily[], label: string): SkuResolution {
  const models = [...new Set(matching.map((family) => family.answer).filter((answer) => !RESERVED.has(answer)))].sort()
  if (models.length > 1) return unknown('ambiguous', `the name ${label} fits families with different parts`, models)
  const [model] = models
  if (model !== undefined) return unknown('count-unknown', `${label} is of a family with ${model}; how many is not listed`, models)
  if (matching.some((family) => family.answer === 'fpga')) {
    return unknown('fpga', `${label} has an FPGA; its processing performance is not listed`)
  }
  const nets = matching.filter((family) => family.answer === 'unknown')
  if (nets.length > 0 && nets.every((family) => family.attachable)) {
    return unknown('attachable', `${label} may carry attached accelerators`)
  }
  if (nets.length > 0) return unknown('safety-net', `${label} is of a family with accelerators and is not listed itself`)
  return matching.length > 0 ? { kind: 'none' } : unknown('no-match', `no row or family matches ${label}`)
}

const RESERVED: ReadonlySet<string> = new Set(['none', 'fpga', 'unknown'])

function searchAll(catalog: Catalog, raw: string): SkuResolution {
  const answers = catalog.providers
    .map((provider) => ofProvider(catalog, provider, raw))
    .filter((answer) => answer.kind !== 'unknown' || answer.reason !== 'no-match')
  const [first, ...rest] = answers
  if (!first) return unknown('no-match', `no provider has a row or family for ${raw}`)
  if (rest.every((answer) => fingerprint(answer) === fingerprint(first))) return first
  const models = answers.every((answer) => answer.kind !== 'none') ? sharedModels(answers) : []
  return unknown('ambiguous', `${raw} means different machines at different providers; name the provider`, models)
}

/** Only a part that every reading of the name has is certain. */
function sharedModels(answers: readonly SkuResolution[]): string[] {
  const [first = [], ...rest] = answers.map(modelsOf)
  return first.filter((model) => rest.every((models) => models.includes(model)))
}

function modelsOf(answer: SkuResolution): readonly string[] {
  switch (answer.kind) {
    case 'accelerators':
      return answer.accelerators.map((part) => part.model)
    case 'none':
      return []
    case 'unknown':
      return answer.models
  }
}

function fingerprint(answer: SkuResolution): string {
  switch (answer.kind) {
    case 'accelerators':
      return `accelerators ${answer.accelerators.map((part) => `${part.count} ${part.model}`).join()}`
    case 'none':
      return 'none'
    case 'unknown':
      return `unknown ${answer.reason} ${answer.models.join()}`
  }
}

function fromSite(mapping: SiteMapping | undefined): SkuResolution | undefined {
  if (!mapping) return undefined
  return mapping.accelerators === 'none' || mapping.accelerators.length === 0
    ? { kind: 'none' }
    : { kind: 'accelerators', accelerators: mapping.accelerators }
}

function unknown(reason: UnresolvedReason, why: string, models: readonly string[] = []): SkuResolution {
  return { kind: 'unknown', reason, why, models }
}
