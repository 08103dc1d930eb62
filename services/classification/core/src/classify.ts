import { accelerator } from '@weir/catalog'
import type { Catalog } from '@weir/catalog'
import type { WorkloadFacts } from './facts.js'
import { judgePart, ruleAt, unlistedPart } from './item-controls.js'
import type { ControlRule, ItemControls } from './item-controls.js'
import { judgeRegion } from './judge-region.js'
import { resolveAsk } from './resolve-ask.js'
import { trainingLikelihood } from './training-likelihood.js'
import type { TrainingModel } from './training-model.js'
import type { Paragraph, PartVerdict, Verdict } from './verdict.js'

/** Everything outside the request that a verdict rests on; its digest is pinned beside the verdict. */
export interface Tables {
  readonly catalog: Catalog
  readonly controls: ItemControls
  readonly training: TrainingModel
}

/** What one ask is: its parts, the control paragraph of the request's date, and how likely it trains a model. */
export function classify(facts: WorkloadFacts, tables: Tables): Verdict {
  const { catalog, controls, training } = tables
  const ask = resolveAsk(facts, catalog)
  const rule = ruleAt(controls, facts.at)
  const judge = (model: string) => judged({ catalog, controls, rule }, model)
  const accelerators = ask.parts.map((part) => ({ ...judge(part.model), count: part.count }))
  const certain = [...accelerators, ...ask.uncounted.map(judge)]
  return {
    resolution: ask.resolution,
    unknownSkus: ask.unknownSkus,
    accelerators,
    paragraph: strongest([...certain.map((part) => part.paragraph), ...(ask.resolution === 'unknown' ? (['unknown'] as const) : [])]),
    rule: rule.id,
    nearThreshold: certain.some((part) => part.nearThreshold),
    totals: totalsOf(accelerators, ask.resolution === 'unknown'),
    training: trainingLikelihood({ facts, ask, catalog, model: training }),
    region: judgeRegion(facts, catalog),
  }
}

interface Judging {
  readonly catalog: Catalog
  readonly controls: ItemControls
  readonly rule: ControlRule
}

function judged({ catalog, controls, rule }: Judging, model: string): PartVerdict {
  const part = accelerator(catalog, model)
  return part ? judgePart(part, rule, controls.nearFraction) : unlistedPart(model)
}

const STRENGTH: readonly Paragraph[] = ['3A090.a', 'unknown', '3A090.b', 'none']

/** Unknown stands between .a and .b: it may be .a, so it hides .b and never .a. */
export function strongest(paragraphs: readonly Paragraph[]): Paragraph {
  return STRENGTH.find((paragraph) => paragraphs.includes(paragraph)) ?? 'none'
}

function totalsOf(parts: readonly (PartVerdict & { readonly count: number })[], incomplete: boolean): Verdict['totals'] {
  const accelerators = parts.reduce((total, part) => total + part.count, 0)
  const known = !incomplete && parts.every((part) => part.tpp !== undefined)
  return known ? { accelerators, tpp: parts.reduce((total, part) => total + part.count * (part.tpp ?? 0), 0) } : { accelerators }
}
