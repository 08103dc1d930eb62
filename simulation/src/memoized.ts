import type { CompiledPack, CompiledRule, Facts, Truth } from '@weir/adjudication-core'

/** Conditions are pure, and a run has few different facts: each condition is evaluated once for each. */
export function memoizedPacks(packs: readonly CompiledPack[]): CompiledPack[] {
  const texts = new WeakMap<Facts, string>()
  const textOf = (facts: Facts): string => {
    const known = texts.get(facts)
    if (known !== undefined) return known
    const text = JSON.stringify(facts)
    texts.set(facts, text)
    return text
  }
  return packs.map((pack) => ({ ...pack, rules: pack.rules.map((rule) => memoized(rule, textOf)) }))
}

const MOST = 20_000

function memoized(rule: CompiledRule, textOf: (facts: Facts) => string): CompiledRule {
  const known = new Map<string, Truth>()
  return {
    ...rule,
    evaluate: (facts) => {
      const text = textOf(facts)
      const before = known.get(text)
      if (before !== undefined) return before
      const truth = rule.evaluate(facts)
      if (known.size >= MOST) known.clear()
      known.set(text, truth)
      return truth
    },
  }
}
