import type { CompiledPack, CompiledRule, Facts, Truth } from '@weir/adjudication-core'

/** Conditions are pure, and a run has few different facts: each condition is evaluated once for each. */
export function memoizedPacks(packs: readonly CompiledPack[]): CompiledPack[] {
  const numberOf = numbering()
  return packs.map((pack) => ({ ...pack, rules: pack.rules.map((rule) => memoized(rule, numberOf)) }))
}

/** Facts that say the same have the same number. */
function numbering(): (facts: Facts) => number {
  const numbers = new WeakMap<Facts, number>()
  const byAreas = new Map<string, number>()
  const [request, who, what, where] = [areaNumbering(), areaNumbering(), areaNumbering(), areaNumbering()]
  return (facts) => {
    const known = numbers.get(facts)
    if (known !== undefined) return known
    const areas = `${request(facts.request)} ${who(facts.who)} ${what(facts.what)} ${where(facts.where)}`
    const number = byAreas.get(areas) ?? byAreas.size
    byAreas.set(areas, number)
    numbers.set(facts, number)
    return number
  }
}

/** Readings of the same facts share most of their areas. */
function areaNumbering(): (area: object) => number {
  const numbers = new WeakMap<object, number>()
  const byText = new Map<string, number>()
  return (area) => {
    const known = numbers.get(area)
    if (known !== undefined) return known
    const text = JSON.stringify(area)
    const number = byText.get(text) ?? byText.size
    byText.set(text, number)
    numbers.set(area, number)
    return number
  }
}

function memoized(rule: CompiledRule, numberOf: (facts: Facts) => number): CompiledRule {
  const known: (Truth | undefined)[] = []
  return { ...rule, evaluate: (facts) => (known[numberOf(facts)] ??= rule.evaluate(facts)) }
}
