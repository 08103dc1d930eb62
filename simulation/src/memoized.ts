import type { CompiledPack, CompiledRule, Facts, Truth } from '@weir/adjudication-core'
import { verifyReceipt } from '@weir/ledger-verifier'
import type { ReceiptChecker } from '../../services/gateway/app/src/use-cases/ports.js'
import { sha256, verifyEd25519 } from '../../services/gateway/app/src/outbound/receipt-checker.js'

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

/** The check that the gateway makes; receipts of one batch share a checkpoint, whose signature is checked once. */
export class OpenReceiptChecker implements ReceiptChecker {
  readonly #signatures = new Map<string, boolean>()

  constructor(readonly vkey: string) {}

  check({ entry, receipt }: { readonly entry: string; readonly receipt: string }): ReturnType<ReceiptChecker['check']> {
    const checked = verifyReceipt(
      { receipt, entry: Buffer.from(entry, 'utf8'), vkey: this.vkey },
      { sha256, verifyEd25519: (key, message, signature) => this.#verify({ key, message, signature }) },
    )
    return checked.ok ? { ok: true } : { ok: false, why: checked.refusal }
  }

  #verify(of: { readonly key: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array }): boolean {
    const text = `${Buffer.from(of.signature).toString('latin1')}${Buffer.from(of.message).toString('latin1')}`
    const before = this.#signatures.get(text)
    if (before !== undefined) return before
    const valid = verifyEd25519(of.key, of.message, of.signature)
    if (this.#signatures.size >= MOST) this.#signatures.clear()
    this.#signatures.set(text, valid)
    return valid
  }
}
