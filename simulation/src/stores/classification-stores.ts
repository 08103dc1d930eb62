import type { SiteMapping } from '@weir/catalog'
import type { Transaction } from '@weir/persistence'
import type { Ask, AskStore, ClassifiedAsk, SiteMappingStore, SkuRef } from '../../../services/classification/app/src/use-cases/ports.js'
import { simulated, Table } from '../engine/sim-transaction.js'

interface AskRow extends ClassifiedAsk {
  /** order of arrival */
  readonly nth: number
}

export class ClassificationTables {
  readonly version = new Table<number>()
  readonly mappings = new Table<SiteMapping>()
  /** by request: all its asks */
  readonly asks = new Table<readonly AskRow[]>()
  arrivals = 0
}

export class SimSiteMappingStore implements SiteMappingStore {
  constructor(private readonly tables: ClassificationTables) {}

  async lockVersion(tx: Transaction): Promise<string> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('version', 'share')
    return String(this.tables.version.get(sim, 'version') ?? 0)
  }

  async advanceVersion(tx: Transaction): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    await sim.lock('version')
    this.tables.version.set(sim, 'version', (this.tables.version.get(sim, 'version') ?? 0) + 1)
  }

  async all(tx: Transaction): Promise<readonly SiteMapping[]> {
    const sim = simulated(tx)
    await sim.step()
    const nameOf = (mapping: SiteMapping): string => `${mapping.provider} ${mapping.raw}`
    return this.tables.mappings.values(sim).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  }

  async put(tx: Transaction, mapping: SiteMapping): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    this.tables.mappings.set(sim, `${mapping.provider} ${mapping.raw}`, mapping)
  }
}

export class SimClassifiedAskStore implements AskStore {
  constructor(private readonly tables: ClassificationTables) {}

  async save(tx: Transaction, asks: readonly ClassifiedAsk[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const one of asks) {
      const { requestId, ask } = one.ask
      await sim.lock(`ask ${requestId}`)
      const rows = this.tables.asks.get(sim, requestId) ?? []
      const before = rows.find((row) => row.ask.ask === ask)
      const others = rows.filter((row) => row !== before)
      this.tables.asks.set(sim, requestId, [...others, { ...one, nth: before?.nth ?? this.tables.arrivals++ }])
    }
  }

  async withSku(tx: Transaction, sku: SkuRef): Promise<readonly Pick<ClassifiedAsk, 'ask' | 'verdict'>[]> {
    const sim = simulated(tx)
    await sim.step()
    return this.tables.asks
      .values(sim)
      .flatMap((rows) => newestOf(rows) ?? [])
      .filter(({ gaps }) => gaps.some((gap) => gap.provider === sku.provider && gap.name === sku.name))
      .sort((a, b) => a.nth - b.nth)
  }
}

export const newestOf = <Row extends { readonly ask: Pick<Ask, 'ask'> }>(rows: readonly Row[]): Row | undefined =>
  rows.reduce<Row | undefined>((newest, row) => (newest === undefined || row.ask.ask > newest.ask.ask ? row : newest), undefined)
