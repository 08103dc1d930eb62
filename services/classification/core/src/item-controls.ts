import type { Accelerator } from '@weir/catalog'
import { Fault } from '@weir/kernel'
import type { LimitMargin, Paragraph, PartVerdict, RuleId } from './verdict.js'

export type Measure = 'TPP' | 'PD' | 'I/O'

export interface Condition {
  readonly measure: Measure
  /** the operator of the legal text: `>=` is not `>` */
  readonly operator: '>=' | '<'
  readonly limit: number
}

export interface ControlTest {
  readonly id: string
  readonly paragraph: '3A090.a' | '3A090.b'
  readonly conditions: readonly Condition[]
}

/** One version of the control, over calendar days in UTC, both ends included. */
export interface ControlRule {
  readonly id: RuleId
  readonly validFrom: string | null
  readonly validTo: string | null
  readonly citation: string
  readonly tests: readonly ControlTest[]
  /** Note 2: below this TPP, an item not designed or marketed for data centers is out; null: no such note */
  readonly marketingExemptionBelowTpp: number | null
}

export interface ItemControls {
  readonly rules: readonly ControlRule[]
  /** a value within this fraction of a limit is near it */
  readonly nearFraction: number
}

/** The rule of a day. Throws a Fault `no-rule` where the table leaves the day out: it must cover all of time. */
export function ruleAt(controls: ItemControls, at: string): ControlRule {
  const day = new Date(at).toISOString().slice(0, 10)
  const rule = controls.rules.find(
    (one) => (one.validFrom === null || one.validFrom <= day) && (one.validTo === null || day <= one.validTo),
  )
  if (!rule) throw new Fault({ code: 'no-rule', message: `no item control rule covers ${day}` })
  return rule
}

type Truth = 'true' | 'false' | 'unknown'
/** `floor`: the true value may be higher */
type Measured = { readonly value: number; readonly floor?: boolean } | 'undefined' | 'unknown'

/** TPP, performance density and I/O of a part; a part without a die on a non-planar process has no density. */
function measuresOf(part: Accelerator): Readonly<Record<Measure, Measured>> {
  const tpp: Measured = part.tpp === undefined ? 'unknown' : { value: part.tpp }
  const io: Measured = part.ioRate === undefined ? 'unknown' : { value: part.ioRate, floor: part.ioRateIsFloor }
  return { TPP: tpp, PD: densityOf(part), 'I/O': io }
}

function densityOf(part: Accelerator): Measured {
  if (part.applicableDieArea === 0) return 'undefined'
  if (part.applicableDieArea === undefined || part.tpp === undefined) return 'unknown'
  return { value: part.tpp / part.applicableDieArea }
}

function holds(condition: Condition, measured: Measured): Truth {
  if (measured === 'unknown') return 'unknown'
  if (measured === 'undefined') return 'false'
  const over = measured.value >= condition.limit
  if (!over && measured.floor === true) return 'unknown'
  return over === (condition.operator === '>=') ? 'true' : 'false'
}

function met(test: ControlTest, measures: Readonly<Record<Measure, Measured>>): Truth {
  const answers = test.conditions.map((condition) => holds(condition, measures[condition.measure]))
  if (answers.includes('false')) return 'false'
  return answers.includes('unknown') ? 'unknown' : 'true'
}

/** The paragraph of one piece under one rule; .a, else unknown, else .b, else none, so that unknown never hides the stronger one. */
export function judgePart(part: Accelerator, rule: ControlRule, nearFraction: number): PartVerdict {
  const measures = measuresOf(part)
  const results = rule.tests.map((test) => ({ test, truth: met(test, measures) }))
  const found = strongestTest(results)
  const exempt = marketingExempts(part, rule)
  const margins = marginsOf(rule, measures)
  const density = measures.PD
  return {
    model: part.id,
    ...(part.tpp === undefined ? {} : { tpp: part.tpp }),
    ...(typeof density === 'string' ? {} : { performanceDensity: round(density.value, 4) }),
    ...conclusion({ part, rule, found, exempt }),
    margins,
    nearThreshold: margins.some((margin) => Math.abs(margin.margin) <= nearFraction),
  }
}

/** A part that no table describes. */
export function unlistedPart(model: string): PartVerdict {
  return { model, paragraph: 'unknown', basis: `${model} is not in the accelerator table.`, margins: [], nearThreshold: false }
}

interface Found {
  readonly paragraph: Paragraph
  readonly tests: readonly ControlTest[]
}

function strongestTest(results: readonly { test: ControlTest; truth: Truth }[]): Found {
  const having = (paragraph: Paragraph, truth: Truth) =>
    results.filter((result) => result.test.paragraph === paragraph && result.truth === truth).map((result) => result.test)
  const order: readonly [Paragraph, readonly ControlTest[]][] = [
    ['3A090.a', having('3A090.a', 'true')],
    ['unknown', having('3A090.a', 'unknown')],
    ['3A090.b', having('3A090.b', 'true')],
    ['unknown', having('3A090.b', 'unknown')],
  ]
  for (const [paragraph, tests] of order) if (tests.length > 0) return { paragraph, tests }
  return { paragraph: 'none', tests: [] }
}

function marketingExempts(part: Accelerator, rule: ControlRule): Truth {
  const below = rule.marketingExemptionBelowTpp
  if (below === null || part.dataCenterMarketed === 'yes') return 'false'
  if (part.tpp !== undefined && part.tpp >= below) return 'false'
  return part.tpp !== undefined && part.dataCenterMarketed === 'no' ? 'true' : 'unknown'
}

interface Case {
  readonly part: Accelerator
  readonly rule: ControlRule
  readonly found: Found
  readonly exempt: Truth
}

function conclusion({ part, rule, found, exempt }: Case): { paragraph: Paragraph; basis: string } {
  const values = describe(part)
  if (rule.tests.length === 0) return { paragraph: 'none', basis: `${rule.citation} on that date.` }
  if (found.paragraph === 'none') return { paragraph: 'none', basis: `${values}: no test of 3A090 is met (${rule.citation}).` }
  const tests = found.tests.map((test) => test.id).join(', ')
  if (exempt === 'true') {
    return {
      paragraph: 'none',
      basis: `${values}: Note 2 excludes it from ${tests}: not for data centers, TPP below ${rule.marketingExemptionBelowTpp}.`,
    }
  }
  if (exempt === 'unknown' && found.paragraph !== 'unknown') {
    return {
      paragraph: 'unknown',
      basis: `${values}: ${tests} applies unless Note 2 excludes it; whether it is marketed for data centers is unknown.`,
    }
  }
  if (found.paragraph === 'unknown') return { paragraph: 'unknown', basis: `${values}: ${tests} cannot be decided; a value is missing.` }
  return { paragraph: found.paragraph, basis: `${values}: meets ${tests} (${conditionsOf(found.tests)}).` }
}

const conditionsOf = (tests: readonly ControlTest[]): string =>
  tests.map((test) => test.conditions.map((one) => `${one.measure} ${one.operator} ${one.limit}`).join(' and ')).join('; ')

function describe(part: Accelerator): string {
  const density = densityOf(part)
  const pd = density === 'unknown' ? 'PD unknown' : density === 'undefined' ? 'no PD (planar process)' : `PD ${round(density.value, 3)}`
  const io = part.ioRate === undefined ? 'I/O unknown' : `I/O ${part.ioRateIsFloor ? 'at least ' : ''}${part.ioRate} GB/s`
  return `TPP ${part.tpp ?? 'unknown'}, ${pd}, ${io}`
}

/** Distance to every limit that the rule names, each limit once. */
function marginsOf(rule: ControlRule, measures: Readonly<Record<Measure, Measured>>): LimitMargin[] {
  const margins = new Map<string, LimitMargin>()
  for (const { measure, limit } of rule.tests.flatMap((test) => test.conditions)) {
    const measured = measures[measure]
    if (typeof measured === 'string') continue
    const margin = (measured.value - limit) / limit
    margins.set(`${measure} ${limit}`, {
      limit: `${measure} ${limit}`,
      value: round(measured.value, 4),
      threshold: limit,
      margin: round(margin, 6),
    })
  }
  return [...margins.values()]
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
