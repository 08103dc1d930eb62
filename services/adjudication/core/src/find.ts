import { missingOf, type Facts } from './facts.js'
import { holdsOn, type CompiledPack, type CompiledRule, type Finding, type Layer, type Truth } from './rule.js'

/** `as-asked`: rules about hardware and headquarters speak only where hardware moves. `if-shipped`: as if it did. */
export type Reading = 'as-asked' | 'if-shipped'

export const isMovementLayer = (layer: Layer): boolean => layer === 'L2' || layer === 'L3'

/** What the rules of a pack say on that day, in the order of the pack. */
export function findingsOf(pack: CompiledPack, facts: Facts, on: { readonly day: string; readonly reading: Reading }): readonly Finding[] {
  if (!holdsOn(pack.valid, on.day)) return []
  const findings: Finding[] = []
  for (const rule of pack.rules) {
    if (rule.valid.length > 0 && !rule.valid.some((validity) => holdsOn(validity, on.day))) continue
    if (on.reading === 'if-shipped' && !isMovementLayer(rule.layer)) continue
    const finding = findingOf(pack, rule, { facts, reading: on.reading })
    if (finding !== undefined) findings.push(finding)
  }
  return findings
}

function findingOf(pack: CompiledPack, rule: CompiledRule, on: { readonly facts: Facts; readonly reading: Reading }): Finding | undefined {
  const bound = isMovementLayer(rule.layer) && on.reading === 'as-asked'
  const truth = bound ? both(moves(on.facts), rule.evaluate(on.facts)) : rule.evaluate(on.facts)
  if (truth === 'false') return undefined
  const decides = rule.effect !== 'flag' && rule.effect !== 'obligation'
  if (truth === 'unknown' && !decides) return undefined
  const missing = truth === 'true' ? [] : missingOf(on.facts, bound ? ['request.movesHardware', ...rule.paths] : rule.paths)
  const { effect, layer, legalStatus, citation, sentence } = rule
  const finding = { rule: `${pack.id}/${rule.id}`, pack: pack.id, effect, truth, layer, legalStatus, citation, sentence }
  return missing.length === 0 ? finding : { ...finding, missing }
}

const moves = (facts: Facts): Truth => {
  const { movesHardware } = facts.request
  return movesHardware === undefined ? 'unknown' : movesHardware ? 'true' : 'false'
}

function both(one: Truth, other: Truth): Truth {
  if (one === 'false' || other === 'false') return 'false'
  return one === 'true' && other === 'true' ? 'true' : 'unknown'
}
