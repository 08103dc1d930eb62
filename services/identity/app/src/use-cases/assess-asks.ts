import type { UnitOfWork } from '@weir/messaging'
import { assessTenants, type Pins, type TenantAssessment } from './assess-tenants.js'
import type { Ask, Stores } from './ports.js'

export interface AskAnswer extends TenantAssessment {
  readonly ask: Ask
  readonly pins: Pins
}

/** Assesses each ask, in order, and remembers the latest of each request. */
export async function assessAsks(stores: Stores, unit: UnitOfWork, asks: readonly Ask[]): Promise<AskAnswer[]> {
  const list = await stores.lists.holdActive(unit.tx, 'share')
  const assessmentOf = await assessTenants(stores, unit.tx, { list, tenants: asks.map((ask) => ask.tenant) })
  const answers = asks.map((ask) => ({ ask, ...assessmentOf(ask.tenant) }))
  await saveAnswers(stores, unit, answers)
  return answers
}

export async function saveAnswers(stores: Pick<Stores, 'asks'>, unit: UnitOfWork, answers: readonly AskAnswer[]): Promise<void> {
  const latest = new Map<string, AskAnswer>()
  for (const answer of answers) {
    const other = latest.get(answer.ask.requestId)
    if (other === undefined || other.ask.ask <= answer.ask.ask) latest.set(answer.ask.requestId, answer)
  }
  const assessed = [...latest.values()].map(({ ask, customerId, assessment, contentDigest }) => ({
    ...ask,
    customerId,
    assessment,
    contentDigest,
  }))
  await stores.asks.save(unit.tx, { assessed, at: unit.now })
}
