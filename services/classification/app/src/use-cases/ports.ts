import type { SiteMapping } from '@weir/catalog'
import type { Verdict, WorkloadFacts } from '@weir/classification-core'
import type { Transaction } from '@weir/persistence'

/** One ask as it was received: all that is needed to classify it again. */
export interface Ask {
  readonly requestId: string
  readonly ask: number
  /** key of the event that brought it, so that everything about one customer keeps its order */
  readonly key: string
  readonly facts: WorkloadFacts
}

/** A machine name that the tables leave open, in the form under which a site maps it. */
export interface SkuRef {
  readonly provider: string
  /** normalized */
  readonly name: string
}

export interface ClassifiedAsk {
  readonly ask: Ask
  readonly verdict: Verdict
  /** digest of the tables that the verdict rests on */
  readonly catalogDigest: string
  /** names that rest on the site's word or on none; `open`: still unknown */
  readonly gaps: readonly (SkuRef & { readonly open: boolean })[]
}

export interface SkuGap {
  readonly provider: string
  readonly raw: string
  /** current asks that have this name and no answer for it */
  readonly openAsks: number
  readonly since: string
}

export interface AskStore {
  /** Replaces what is stored of the same asks; a gap counts for the latest ask of a request only. */
  save(tx: Transaction, asks: readonly ClassifiedAsk[], now: Date): Promise<void>
  /** Latest asks of requests that hold one of these names, oldest first. */
  withSku(tx: Transaction, sku: SkuRef): Promise<readonly { readonly ask: Ask; readonly verdict: Verdict }[]>
}

export interface SiteMappingStore {
  /** Version of the mappings, locked against a change until the transaction ends. */
  lockVersion(tx: Transaction): Promise<string>
  /** Waits for every transaction that holds the version, and moves it on. */
  advanceVersion(tx: Transaction): Promise<void>
  all(tx: Transaction): Promise<readonly SiteMapping[]>
  put(tx: Transaction, mapping: SiteMapping, by: { readonly actor: string; readonly at: Date }): Promise<void>
}
