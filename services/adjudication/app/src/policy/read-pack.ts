import { hash } from 'node:crypto'
import type { CompiledPack, CompiledRule, Validity } from '@weir/adjudication-core'
import { canonicalJson } from '@weir/kernel'
import { parseDocument } from 'yaml'
import { compileCondition } from './compile-condition.js'
import { packFile, type PackFile } from './pack-file.js'
import { PolicyFault } from './policy-fault.js'

export const digestOf = (value: unknown): string => hash('sha256', canonicalJson(value))

/** A pack from its YAML text. The digest is over its content, not over its layout. Throws `pack-refused`. */
export function readPack(text: string, file: string): CompiledPack {
  const document = parseDocument(text)
  const [unreadable] = document.errors
  if (unreadable) throw refusal(`${file} is not YAML. ${unreadable.message}`)
  const parsed = packFile.safeParse(document.toJS())
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw refusal(`${file} is not a pack. ${issues.join('; ')}`)
  }
  const pack = parsed.data
  return {
    id: pack.id,
    digest: digestOf(pack),
    title: pack.title,
    legalStatus: pack.legalStatus,
    mode: pack.mode,
    valid: interval(pack.valid ?? {}),
    rules: pack.rules.map((rule) => compileRule(pack, rule, file)),
  }
}

function compileRule(pack: PackFile, rule: PackFile['rules'][number], file: string): CompiledRule {
  const condition = compileCondition(rule.when)
  if (!condition.ok) throw refusal(`${file}: the condition of ${rule.id} ${condition.refusal}.`)
  const { id, citation, layer, effect, sentence } = rule
  return {
    id,
    citation,
    layer,
    effect,
    sentence,
    legalStatus: rule.legalStatus ?? pack.legalStatus,
    valid: (rule.valid ?? []).map(interval),
    ...condition.value,
  }
}

const interval = (days: { readonly from?: string | undefined; readonly to?: string | undefined }): Validity => ({
  ...(days.from === undefined ? {} : { from: days.from }),
  ...(days.to === undefined ? {} : { to: days.to }),
})

const refusal = (message: string) => new PolicyFault({ code: 'pack-refused', message })
