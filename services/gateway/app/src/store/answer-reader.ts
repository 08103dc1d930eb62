import type { Answer } from '@weir/contracts'
import type { Database } from '@weir/persistence'
import type { AnsweredRevision } from '../use-cases/answer-requests.js'
import type { Revision } from '../use-cases/ports.js'

/** A request as its sender may see it: answered at its current revision, or not answered yet. */
export type RequestView =
  | ({
      readonly state: 'answered'
      readonly newestAsk: number
    } & AnsweredRevision)
  | { readonly state: 'pending'; readonly id: string; readonly ask: number }

interface ViewRow {
  readonly id: string
  readonly ask: number
  readonly revision: number | null
  readonly decision: NonNullable<Revision['decision']> | null
  readonly entry: string | null
  readonly receipt: string | null
  readonly entry_index: string | null
}

export class AnswerReader {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  /** Of these requests, those that have an answer. */
  async answeredAmong(requestIds: readonly string[]): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      'select distinct request_id as id from revision where request_id = any($1::uuid[]) and answered_at is not null',
      [requestIds],
    )
    return rows.map(({ id }) => id)
  }

  /** undefined: no such request. Only answered revisions are seen; the highest of them is current. */
  async view(requestId: string): Promise<RequestView | undefined> {
    const [row] = await this.database.query<ViewRow>(
      `select q.id, q.ask, r.revision, r.decision, r.entry, r.receipt, r.entry_index
       from provisioning_request q
       left join lateral (select * from revision where request_id = q.id and answered_at is not null order by revision desc limit 1) r on true
       where q.id = $1`,
      [requestId],
    )
    if (row === undefined) return undefined
    const { revision, decision, entry, receipt } = row
    if (revision === null || decision === null || entry === null || receipt === null) return { state: 'pending', id: row.id, ask: row.ask }
    const answer: Answer = {
      id: row.id,
      revision,
      outcome: decision.outcome,
      reasons: [...decision.reasons],
      receipt,
      ...(decision.caseId === undefined ? {} : { case: decision.caseId }),
      request: decision.request,
    }
    return { state: 'answered', answer, entry, index: Number(row.entry_index), ask: decision.ask, newestAsk: row.ask }
  }
}
