import type { UnitOfWork } from '@weir/messaging'
import { assessTenants } from './assess-tenants.js'
import { saveAnswers, type AskAnswer } from './assess-asks.js'
import type { ActiveList, AskScope, Stores } from './ports.js'

const pageSize = 1000

/** Assesses stored asks again; yields those whose answer is another one now, already saved. */
export async function reassessAsks(
  stores: Stores,
  unit: UnitOfWork,
  asked: { readonly list: ActiveList | undefined; readonly scope: AskScope },
): Promise<AskAnswer[]> {
  const changed: AskAnswer[] = []
  let after: string | undefined
  do {
    const page = await stores.asks.page(unit.tx, { ...asked.scope, after, limit: pageSize })
    const assessmentOf = await assessTenants(stores, unit.tx, { list: asked.list, tenants: page.map((ask) => ask.tenant) })
    const different = page
      .map((ask) => ({ before: ask.contentDigest, answer: { ask, ...assessmentOf(ask.tenant) } }))
      .filter(({ before, answer }) => before !== answer.contentDigest)
      .map(({ answer }) => answer)
    await saveAnswers(stores, unit, different)
    changed.push(...different)
    after = page.length < pageSize ? undefined : page.at(-1)?.requestId
  } while (after !== undefined)
  return changed
}
