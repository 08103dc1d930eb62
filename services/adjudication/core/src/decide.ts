import { asIfShipped } from './derive-facts.js'
import type { Facts } from './facts.js'
import { findingsOf, type Reading } from './find.js'
import { licenseFor, type License, type LicenseAnswer, type LicenseDraw } from './license.js'
import type { CompiledPack, Finding, Outcome, Reason } from './rule.js'

export interface DecideInput {
  readonly facts: Facts
  /** the day whose law applies, `YYYY-MM-DD` */
  readonly day: string
  /** RFC 3339, UTC; licenses are valid or not at this instant */
  readonly now: string
  readonly packs: readonly CompiledPack[]
  readonly customerId?: string
  readonly licenses: readonly License[]
}

export interface PackVerdict {
  readonly outcome: Outcome
  readonly findings: readonly Finding[]
}

export interface Verdict {
  readonly outcome: Outcome
  /** never empty; the first one decided */
  readonly reasons: readonly Reason[]
  readonly findings: readonly Finding[]
  readonly ifShipped: PackVerdict
  /** by pack id */
  readonly shadow: Readonly<Record<string, PackVerdict>>
  /** what an approval draws; where the outcome is hold: what it would draw */
  readonly licenseDraw?: LicenseDraw
}

const MAX_REASONS = 100
const MAX_FINDINGS = 200

/**
 * One outcome from all rules in force. Law: with fewer facts the outcome may become hold, but never approve unless the full
 * facts yield approve, too.
 */
export function decide(input: DecideInput): Verdict {
  const { facts, packs } = input
  if (facts.request.action === 'delete') return givesBack
  const enforced = packs.filter((pack) => pack.mode === 'enforced')
  const findings = allFindings(enforced, input, 'as-asked')
  const license = licenseFor({ customerId: input.customerId, what: facts.what, licenses: input.licenses, now: input.now })
  const shipped = allFindings(enforced, { ...input, facts: asIfShipped(facts) }, 'if-shipped')
  const shadow = packs
    .filter((pack) => pack.mode === 'shadow')
    .map((pack) => [pack.id, packVerdict(allFindings([pack], input, 'as-asked'), license)] as const)
  return {
    ...combine(findings, facts, license),
    findings: findings.slice(0, MAX_FINDINGS),
    ifShipped: packVerdict(shipped, license),
    shadow: Object.fromEntries(shadow),
  }
}

const givesBack: Verdict = {
  outcome: 'approve',
  reasons: [{ code: 'gives-back-compute', sentence: 'The request gives compute back; nothing is provided.' }],
  findings: [],
  ifShipped: { outcome: 'approve', findings: [] },
  shadow: {},
}

function allFindings(packs: readonly CompiledPack[], input: DecideInput, reading: Reading): readonly Finding[] {
  return packs.flatMap((pack) => findingsOf(pack, input.facts, { day: input.day, reading })).sort((a, b) => inOrder(a.layer, b.layer))
}

interface Sorted {
  readonly denies: readonly Reason[]
  readonly holds: readonly Reason[]
  readonly notes: readonly Reason[]
  readonly licensed: readonly Finding[]
}

function sortOut(findings: readonly Finding[], license: LicenseAnswer): Sorted {
  const sure = findings.filter((finding) => finding.truth === 'true')
  // A license that covers the ask answers a rule that may demand one, too, and is drawn as if it did.
  const licensed = license.kind === 'covers' ? findings.filter((finding) => finding.effect === 'license-required') : []
  const unlicensed = sure
    .filter((finding) => finding.effect === 'license-required' && !licensed.includes(finding))
    .map((finding) => unlicensedReason(finding, license))
  const denied = sure.filter((finding) => finding.effect === 'deny').map((finding) => ruleReason(finding))
  return {
    denies: inLayers([...denied, ...unlicensed]),
    holds: inLayers([
      ...sure.filter((finding) => finding.effect === 'hold').map((finding) => ruleReason(finding)),
      ...findings.filter((finding) => finding.truth === 'unknown' && !licensed.includes(finding)).map((finding) => openReason(finding)),
    ]),
    notes: sure.filter((finding) => finding.effect === 'flag' || finding.effect === 'obligation').map((finding) => ruleReason(finding)),
    licensed,
  }
}

function combine(
  all: readonly Finding[],
  facts: Facts,
  license: LicenseAnswer,
): Pick<Verdict, 'outcome' | 'reasons'> & { licenseDraw?: LicenseDraw } {
  // Where nothing controlled is asked for, only the absolute blocks can stand in the way.
  const harmless = facts.what.resolution === 'none'
  const { denies, holds, notes, licensed } = sortOut(harmless ? all.filter((finding) => finding.layer === 'L0') : all, license)
  const questions = openQuestions(facts)
  const open = [...questions, ...holds.filter((reason) => !answeredBy(questions, reason))]
  const draw = license.kind === 'covers' && licensed.length > 0 ? { licenseDraw: license.draw } : {}
  if (denies.length > 0) return { outcome: 'deny', reasons: capped([...denies, ...open, ...notes]) }
  if (open.length > 0) return { outcome: 'hold', reasons: capped([...open, ...notes]), ...draw }
  return { outcome: 'approve', reasons: capped([...clearances({ harmless, licensed, license }), ...notes]), ...draw }
}

function clearances(on: { harmless: boolean; licensed: readonly Finding[]; license: LicenseAnswer }): readonly Reason[] {
  if (on.harmless) return [{ code: 'no-controlled-item', sentence: 'Nothing that is asked for is a controlled item.' }]
  const { license } = on
  if (license.kind === 'covers' && on.licensed.length > 0) {
    const covers = `License ${license.draw.number} covers the ${license.draw.quantity} accelerators`
    return on.licensed.map((finding) => ({
      ...ruleReason(finding),
      code: 'license-covers',
      sentence: `${covers} for which a license ${finding.truth === 'true' ? 'is' : 'may be'} required.`,
    }))
  }
  return [{ code: 'no-rule-applies', sentence: 'No rule in force stands in the way.' }]
}

/** What holds a request whatever the rules say. */
function openQuestions(facts: Facts): readonly Reason[] {
  const { who, what } = facts
  return [
    ...(who.state === 'known' ? [] : [{ code: 'unknown-tenant', sentence: 'It is not known whose tenant asks.', missing: ['who.state'] }]),
    ...(what.resolution === undefined
      ? [{ code: 'unknown-sku', sentence: 'It is not known what accelerators the asked machines hold.', missing: ['what.resolution'] }]
      : []),
  ]
}

/** A rule that is open only because the tenant or the machines are unknown adds nothing to that question. */
function answeredBy(questions: readonly Reason[], reason: Reason): boolean {
  const areas = questions.flatMap(({ missing = [] }) => missing.map((path) => path.slice(0, path.indexOf('.') + 1)))
  return reason.missing?.every((path) => areas.some((area) => path.startsWith(area))) ?? false
}

function packVerdict(findings: readonly Finding[], license: LicenseAnswer): PackVerdict {
  const licensed = (finding: Finding): boolean => license.kind === 'covers' && finding.effect === 'license-required'
  const denies = findings.some(
    (finding) => finding.truth === 'true' && (finding.effect === 'deny' || (finding.effect === 'license-required' && !licensed(finding))),
  )
  const holds = findings.some((finding) => (finding.truth === 'true' ? finding.effect === 'hold' : !licensed(finding)))
  return { outcome: denies ? 'deny' : holds ? 'hold' : 'approve', findings: findings.slice(0, MAX_FINDINGS) }
}

function ruleReason(finding: Finding): Reason {
  const { rule, sentence, citation, legalStatus, layer } = finding
  return { code: rule.slice(rule.indexOf('/') + 1), sentence, rule, citation, legalStatus, layer }
}

const openReason = (finding: Finding): Reason => ({
  ...ruleReason(finding),
  code: 'facts-missing',
  sentence: `It is not known whether this applies: ${finding.sentence}`,
  ...(finding.missing === undefined ? {} : { missing: finding.missing }),
})

function unlicensedReason(finding: Finding, license: LicenseAnswer): Reason {
  if (license.kind !== 'exhausted') return { ...ruleReason(finding), code: 'license-required' }
  const sentence = `${finding.sentence} License ${license.number} has ${license.available} accelerators left, ${license.needed} are needed.`
  return { ...ruleReason(finding), code: 'license-balance-exhausted', sentence }
}

const inLayers = (reasons: readonly Reason[]): readonly Reason[] => [...reasons].sort((a, b) => inOrder(a.layer ?? '', b.layer ?? ''))

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const capped = (reasons: readonly Reason[]): readonly Reason[] => reasons.slice(0, MAX_REASONS)
