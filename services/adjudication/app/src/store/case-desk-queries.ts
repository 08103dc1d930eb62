import type { Reason, Verdict } from '@weir/adjudication-core'
import type { Database, Transaction } from '@weir/persistence'
import type { CaseMembers } from '../use-cases/case-desk.js'
import type { Proposal, Requested, Resolution } from '../use-cases/ports.js'

export interface CaseView {
  readonly caseId: string
  readonly state: 'open' | 'resolved'
  readonly scope: 'request' | 'tenant'
  readonly tenantKey?: string
  readonly customerId?: string
  readonly requestIds: readonly string[]
  readonly reasons: readonly Reason[]
  readonly openedAt: string
  readonly proposal?: Proposal
  readonly resolution?: Resolution & { readonly resolvedAt: string }
}

export interface CaseRequestView {
  readonly requestId: string
  readonly revision: number
  readonly outcome: string
  readonly reasons: readonly Reason[]
  readonly findings: Verdict['findings']
  readonly ifShipped: Verdict['ifShipped']
  readonly request: Requested['request']
}

interface Row {
  readonly case_id: string
  readonly state: CaseView['state']
  readonly scope: CaseView['scope']
  readonly tenant_key: string | null
  readonly customer_id: string | null
  readonly members: string[]
  readonly reasons: Reason[]
  readonly opened_at: Date
  readonly proposal: Proposal | null
  readonly resolution: CaseView['resolution'] | null
}

/** What officers read, and who is in a case. */
export class CaseDeskQueries implements CaseMembers {
  async stateOf(tx: Transaction, caseId: string): Promise<'open' | 'resolved' | undefined> {
    const [row] = await tx.query<{ state: 'open' | 'resolved' }>('select state from officer_case where case_id = $1', [caseId])
    return row?.state
  }

  async membersOf(tx: Transaction, caseId: string): Promise<readonly string[]> {
    const sql = 'select request_id from case_request where case_id = $1 and left_at is null order by request_id'
    return (await tx.query<{ request_id: string }>(sql, [caseId])).map((row) => row.request_id)
  }

  /** Open ones oldest first, resolved ones newest first. */
  async list(database: Database, of: { readonly state: 'open' | 'resolved'; readonly limit: number }): Promise<readonly CaseView[]> {
    const order = of.state === 'open' ? 'asc' : 'desc'
    const rows = await database.query<Row>(`${SELECT} where state = $1 order by opened_at ${order}, case_id limit $2`, [of.state, of.limit])
    return rows.map(viewOf)
  }

  async one(database: Database, caseId: string): Promise<(CaseView & { readonly requests: readonly CaseRequestView[] }) | undefined> {
    const [row] = await database.query<Row>(`${SELECT} where case_id = $1`, [caseId])
    if (!row) return undefined
    const requests = await database.query<{
      request_id: string
      revision: number
      outcome: string
      verdict: Verdict
      requested: Requested
    }>(REQUESTS, [row.members])
    return {
      ...viewOf(row),
      requests: requests.map(({ request_id, revision, outcome, verdict, requested }) => ({
        requestId: request_id,
        revision,
        outcome,
        reasons: verdict.reasons,
        findings: verdict.findings,
        ifShipped: verdict.ifShipped,
        request: requested.request,
      })),
    }
  }
}

const viewOf = (row: Row): CaseView => ({
  caseId: row.case_id,
  state: row.state,
  scope: row.scope,
  requestIds: row.members,
  reasons: row.reasons,
  openedAt: row.opened_at.toISOString(),
  ...(row.tenant_key === null ? {} : { tenantKey: row.tenant_key }),
  ...(row.customer_id === null ? {} : { customerId: row.customer_id }),
  ...(row.proposal === null ? {} : { proposal: row.proposal }),
  ...(row.resolution ? { resolution: row.resolution } : {}),
})

// members of an open case are those still in it, of a resolved one all that ever were
const SELECT = `
  select case_id, state, scope, tenant_key, customer_id, reasons, opened_at, proposal, resolution,
    array(
      select request_id::text from case_request
      where case_request.case_id = officer_case.case_id and (left_at is null or officer_case.state = 'resolved')
      order by joined_at, request_id limit 1000
    ) as members
  from officer_case`

const REQUESTS = `
  select decision.request_id, decision.revision, decision.outcome, decision.verdict, request_ask.requested
  from decision join request_ask using (request_id, ask)
  where decision.current and decision.request_id = any ($1::uuid[])
  order by decision.decided_at, decision.request_id limit 200`
