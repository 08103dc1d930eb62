import { accelerator, resolveSku, type AcceleratorPieces, type SiteMapping } from '@weir/catalog'
import { canonicalJson, ok, refused, type Result } from '@weir/kernel'
import type { Transaction } from '@weir/persistence'
import { classifyAsk, skuRef } from './classify-ask.js'
import { pinned, type PolicyTables } from './current-tables.js'
import type { AskStore, ClassifiedAsk, SiteMappingStore } from './ports.js'

export interface MapSku {
  readonly provider: string | undefined
  readonly raw: string
  readonly accelerators: readonly AcceleratorPieces[] | 'none'
  readonly actor: string
}

export type MapSkuRefusal =
  | { readonly code: 'sku-listed'; readonly detail: string }
  | { readonly code: 'part-not-listed'; readonly detail: string; readonly index: number }
  | { readonly code: 'part-missing'; readonly detail: string }

export interface MapSkuDeps {
  readonly policy: PolicyTables
  readonly mappings: SiteMappingStore
  readonly asks: AskStore
}

/** Adds a site's row for a name that the tables leave open, and classifies the current asks with that name again. */
export class MapSkus {
  readonly #deps: MapSkuDeps

  constructor(deps: MapSkuDeps) {
    this.#deps = deps
  }

  /** The answer holds the asks whose verdict changed; all of them are saved. */
  async run(tx: Transaction, command: MapSku, now: Date): Promise<Result<readonly ClassifiedAsk[], MapSkuRefusal>> {
    const refusal = this.#refusal(command)
    if (refusal) return refused(refusal)
    const { mappings, policy, asks } = this.#deps
    const sku = skuRef(command.provider, command.raw)
    const mapping: SiteMapping = { provider: sku.provider, raw: sku.name, accelerators: command.accelerators }
    await mappings.advanceVersion(tx)
    await mappings.put(tx, mapping, { actor: command.actor, at: now })
    const current = pinned(policy, await mappings.all(tx))
    const affected = await asks.withSku(tx, sku)
    const again = affected.map(({ ask, verdict }) => ({ before: verdict, after: classifyAsk(ask, current, policy.tables.catalog) }))
    const changed = again.filter(({ before, after }) => canonicalJson(before) !== canonicalJson(after.verdict)).map(({ after }) => after)
    await asks.save(tx, changed, now)
    return ok(changed)
  }

  #refusal(command: MapSku): MapSkuRefusal | undefined {
    const { catalog } = this.#deps.policy.tables
    const listed = resolveSku(catalog, { provider: command.provider, raw: command.raw })
    if (listed.kind !== 'unknown')
      return { code: 'sku-listed', detail: `${command.raw} is in the tables already; a site's row only fills a gap.` }
    const parts = command.accelerators === 'none' ? [] : command.accelerators
    const index = parts.findIndex((part) => !accelerator(catalog, part.model))
    if (index >= 0) return { code: 'part-not-listed', index, detail: `${parts[index]?.model} is not in the accelerator table.` }
    const certain = listed.reason === 'count-unknown' ? listed.models : []
    const missing = certain.find((model) => !parts.some((part) => part.model === model))
    return missing === undefined ? undefined : { code: 'part-missing', detail: `${listed.why}; the row leaves ${missing} out.` }
  }
}
