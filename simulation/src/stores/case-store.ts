import type { Transaction } from '@weir/persistence'
import type { CaseStore, NewCase, OpenCase, Proposal } from '../../../services/adjudication/app/src/use-cases/ports.js'
import { simulated, Table, type SimTransaction } from '../engine/sim-transaction.js'

interface CaseRow {
  readonly openCase: OpenCase
  readonly state: 'open' | 'resolved'
}

export class CaseTables {
  readonly cases = new Table<CaseRow>()
  /** by request: the case it is in; absent: none */
  readonly members = new Table<string>()

  openOf(sim: SimTransaction, requestId: string): OpenCase | undefined {
    const caseId = this.members.get(sim, requestId)
    const row = caseId === undefined ? undefined : this.cases.get(sim, caseId)
    return row?.state === 'open' ? row.openCase : undefined
  }
}

export class SimCaseStore implements CaseStore {
  constructor(private readonly tables: CaseTables) {}

  async lock(
    tx: Transaction,
    of: { readonly tenantKeys: readonly string[]; readonly caseIds: readonly string[] },
  ): Promise<readonly OpenCase[]> {
    const sim = simulated(tx)
    await sim.step()
    const wanted = this.tables.cases
      .values(sim)
      .filter(({ state, openCase: { caseId, tenantKey } }) => {
        const named = of.caseIds.includes(caseId) || (tenantKey !== undefined && of.tenantKeys.includes(tenantKey))
        return named && state === 'open'
      })
      .map(({ openCase }) => openCase.caseId)
      .sort()
    await sim.lockAll(wanted.map((caseId) => `case ${caseId}`))
    // Read again behind the locks, as a locked row is.
    return wanted.flatMap((caseId) => {
      const row = this.tables.cases.get(sim, caseId)
      return row?.state === 'open' ? [row.openCase] : []
    })
  }

  async open(tx: Transaction, cases: readonly NewCase[]): Promise<readonly string[]> {
    const sim = simulated(tx)
    await sim.step()
    const opened: string[] = []
    for (const one of cases.toSorted((a, b) => ((a.tenantKey ?? '') < (b.tenantKey ?? '') ? -1 : 1))) {
      const { caseId, scope, tenantKey, eventKey } = one
      if (tenantKey !== undefined) {
        // The unique index makes the second one wait for the end of the first one's transaction.
        await sim.lock(`case of ${tenantKey}`)
        if (this.tables.cases.values(sim).some((row) => row.state === 'open' && row.openCase.tenantKey === tenantKey)) continue
      }
      await sim.lock(`case ${caseId}`)
      const openCase = { caseId, scope, eventKey, ...(tenantKey === undefined ? {} : { tenantKey }) }
      this.tables.cases.set(sim, caseId, { openCase, state: 'open' })
      opened.push(caseId)
    }
    return opened
  }

  async join(tx: Transaction, members: readonly { readonly caseId: string; readonly requestId: string }[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const { caseId, requestId } of members) this.tables.members.set(sim, requestId, caseId)
  }

  async leave(tx: Transaction, requestIds: readonly string[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const requestId of requestIds) this.tables.members.set(sim, requestId, undefined)
  }

  async empty(tx: Transaction, caseIds: readonly string[]): Promise<readonly string[]> {
    const sim = simulated(tx)
    await sim.step()
    const occupied = new Set(this.tables.members.values(sim))
    return caseIds.filter((caseId) => !occupied.has(caseId) && this.tables.cases.get(sim, caseId)?.state === 'open')
  }

  async resolve(tx: Transaction, cases: readonly { readonly caseId: string }[]): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const { caseId } of cases) {
      const row = this.tables.cases.get(sim, caseId)
      if (row) this.tables.cases.set(sim, caseId, { ...row, state: 'resolved' })
    }
  }

  async setProposal(tx: Transaction, caseIds: readonly string[], proposal: Proposal | undefined): Promise<void> {
    const sim = simulated(tx)
    await sim.step()
    for (const caseId of caseIds) {
      const row = this.tables.cases.get(sim, caseId)
      if (!row) continue
      const { proposal: _, ...openCase } = row.openCase
      this.tables.cases.set(sim, caseId, { ...row, openCase: proposal === undefined ? openCase : { ...openCase, proposal } })
    }
  }
}
