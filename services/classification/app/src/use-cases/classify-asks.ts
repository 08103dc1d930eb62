import type { Catalog } from '@weir/catalog'
import type { Transaction } from '@weir/persistence'
import { classifyAsk } from './classify-ask.js'
import type { CurrentTables } from './current-tables.js'
import type { Ask, AskStore, ClassifiedAsk } from './ports.js'

export interface ClassifyAsksDeps {
  readonly current: CurrentTables
  readonly bare: Catalog
  readonly asks: AskStore
}

/** Classifies and stores a batch; the answers are in the order of the asks. */
export class ClassifyAsks {
  readonly #deps: ClassifyAsksDeps

  constructor(deps: ClassifyAsksDeps) {
    this.#deps = deps
  }

  async run(tx: Transaction, asks: readonly Ask[], now: Date): Promise<readonly ClassifiedAsk[]> {
    const current = await this.#deps.current.at(tx)
    const classified = asks.map((ask) => classifyAsk(ask, current, this.#deps.bare))
    await this.#deps.asks.save(tx, classified, now)
    return classified
  }
}
