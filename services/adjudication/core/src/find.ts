import { missingOf, type Facts } from './facts.js'
import { holdsOn, type CompiledPack, type CompiledRule, type Finding, type Layer, type Truth } from './rule.js'

/** `as-asked`: rules about hardware and headquarters speak only where hardware moves. `if-shipped`: as if it did. */
export type Reading = 'as-asked' | 'if-shipped'

export const isMovementLayer = (layer: Layer): boolean => layer === 'L2' || layer === 'L3'

/** What the rules of a pack say on that day, in the order of the pack. */
export function findingsOf(pack: CompiledPack, facts: Facts, on: { readonly day: string; readonly reading: Reading }): readonly Finding[] {
  if (!holdsOn(pack.valid, on.day)) return []
  return pack.rules
    .filter((rule) => rule.valid.length === 0 || rule.valid.some((validity) => holdsOn(validity, on.day)))
    .filter((rule) => on.reading === 'as-asked' || isMovementLayer(rule.layer))
    .flatMap((rule) => findingOf(pack, rule, { facts, reading: on.reading }))
}

function findingOf(pack: CompiledPack, rule: CompiledRule, on: { readonly facts: Facts; readonly reading: Reading }): readonly Finding[] {
  const bound = isMovementLayer(rule.layer) && on.reading === 'as-asked'
  const truth = bound ? both(moves(on.facts), rule.evaluate(on.facts)) : rule.evaluate(on.facts)
  if (truth === 'false') return []
  const decides = rule.effect !== 'flag' && rule.effect !== 'obligation'
  if (truth === 'unknown' && !decides) return []
  const missing = truth === 'true' ? [] : missingOf(on.facts, bound ? ['request.movesHardware', ...rule.paths] : rule.paths)
  const { effect, layer, legalStatus, citation, sentence } = rule
  return [
    {
      rule: `${pack.id}/${rule.id}`,
      pack: pack.id,
      effect,
      truth,
      layer,
      legalStatus,
      citation,
      sentence,
      ...(missing.length === 0 ? {} : { missing }),
    },
  ]
}

const moves = (facts: Facts): Truth => {
  const { movesHardware } = facts.request
  return movesHardware === undefined ? 'unknown' : movesHardware ? 'true' : 'false'
}

function both(one: Truth, other: Truth): Truth {
  if (one === 'false' || other === 'false') return 'false'
  return one === 'true' && other === 'true' ? 'true' : 'unknown'
}
