import type { CompiledPack, CompiledRule, Facts, Truth } from '@weir/adjudication-core'

/** Conditions are pure, and a run has few different facts: each condition is evaluated once for each. */
export function memoizedPacks(packs: readonly CompiledPack[]): CompiledPack[] {
  const numberOf = numbering()
  return packs.map((pack) => ({ ...pack, rules: pack.rules.map((rule) => memoized(rule, numberOf)) }))
}

/** Facts that say the same have the same number. */
function numbering(): (facts: Facts) => number {
  const byAreas = numberOfText()
  const [request, who, what, where] = [numberOfObject(), numberOfObject(), numberOfObject(), numberOfObject()]
  let [last, number] = [undefined as Facts | undefined, 0]
  // Rule after rule asks about the same facts, and two readings of them share most of their areas.
  return (facts) => {
    if (facts === last) return number
    last = facts
    number = byAreas(`${request(facts.request)} ${who(facts.who)} ${what(facts.what)} ${where(facts.where)}`)
    return number
  }
}

function numberOfObject(): (value: object) => number {
  const byText = numberOfText()
  let [last, number] = [undefined as object | undefined, 0]
  return (value) => {
    if (value === last) return number
    last = value
    number = byText(JSON.stringify(value))
    return number
  }
}

function numberOfText(): (text: string) => number {
  const numbers = new Map<string, number>()
  return (text) => {
    const number = numbers.get(text) ?? numbers.size
    numbers.set(text, number)
    return number
  }
}

function memoized(rule: CompiledRule, numberOf: (facts: Facts) => number): CompiledRule {
  const known: (Truth | undefined)[] = []
  return { ...rule, evaluate: (facts) => (known[numberOf(facts)] ??= rule.evaluate(facts)) }
}
