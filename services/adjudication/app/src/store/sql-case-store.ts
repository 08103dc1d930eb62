import type { Transaction } from '@weir/persistence'
import type { CaseStore, NewCase, OpenCase, Proposal, ResolvedCase } from '../use-cases/ports.js'

export interface CaseRow {
  readonly case_id: string
  readonly scope: 'request' | 'tenant'
  readonly tenant_key: string | null
  readonly event_key: string
  readonly proposal: Proposal | null
}

export const openCaseOf = (row: CaseRow): OpenCase => ({
  caseId: row.case_id,
  scope: row.scope,
  eventKey: row.event_key,
  ...(row.tenant_key === null ? {} : { tenantKey: row.tenant_key }),
  ...(row.proposal === null ? {} : { proposal: row.proposal }),
})

export class SqlCaseStore implements CaseStore {
  async lock(
    tx: Transaction,
    of: { readonly tenantKeys: readonly string[]; readonly caseIds: readonly string[] },
  ): Promise<readonly OpenCase[]> {
    if (of.tenantKeys.length + of.caseIds.length === 0) return []
    return (await tx.query<CaseRow>(LOCK, [of.tenantKeys, of.caseIds])).map(openCaseOf)
  }

  async open(tx: Transaction, cases: readonly NewCase[], now: Date): Promise<readonly string[]> {
    const sorted = [...cases].sort((a, b) => ((a.tenantKey ?? '') < (b.tenantKey ?? '') ? -1 : 1))
    const rows = await tx.query<{ case_id: string }>(OPEN, [
      sorted.map((one) => one.caseId),
      sorted.map((one) => one.scope),
      sorted.map((one) => one.tenantKey ?? null),
      sorted.map((one) => one.requestId),
      sorted.map((one) => one.customerId ?? null),
      sorted.map((one) => one.eventKey),
      sorted.map((one) => JSON.stringify(one.reasons)),
      now,
    ])
    return rows.map((row) => row.case_id)
  }

  async join(tx: Transaction, members: readonly { readonly caseId: string; readonly requestId: string }[], now: Date): Promise<void> {
    if (members.length === 0) return
    await tx.query(JOIN, [members.map((one) => one.caseId), members.map((one) => one.requestId), now])
  }

  async leave(tx: Transaction, requestIds: readonly string[], now: Date): Promise<void> {
    await tx.query('update case_request set left_at = $2 where request_id = any ($1::uuid[]) and left_at is null', [requestIds, now])
  }

  async empty(tx: Transaction, caseIds: readonly string[]): Promise<readonly string[]> {
    return (await tx.query<{ case_id: string }>(EMPTY, [caseIds])).map((row) => row.case_id)
  }

  async resolve(tx: Transaction, cases: readonly ResolvedCase[], now: Date): Promise<void> {
    await tx.query(RESOLVE, [
      cases.map((one) => one.caseId),
      cases.map((one) => JSON.stringify({ ...one.resolution, resolvedAt: now.toISOString() })),
      cases.map((one) => one.salt),
    ])
  }

  async setProposal(tx: Transaction, caseIds: readonly string[], proposal: Proposal | undefined): Promise<void> {
    await tx.query('update officer_case set proposal = $2::jsonb where case_id = any ($1::uuid[])', [
      caseIds,
      proposal === undefined ? null : JSON.stringify(proposal),
    ])
  }
}

const LOCK = `
  select case_id, scope, tenant_key, event_key, proposal from officer_case
  where state = 'open' and (tenant_key = any ($1::text[]) or case_id = any ($2::uuid[]))
  order by case_id
  for update`

const OPEN = `
  insert into officer_case (case_id, scope, tenant_key, request_id, customer_id, event_key, state, reasons, opened_at)
  select case_id, scope, tenant_key, request_id, customer_id, event_key, 'open', reasons, $8
  from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[])
    as new (case_id, scope, tenant_key, request_id, customer_id, event_key, reasons)
  on conflict (tenant_key) where state = 'open' and tenant_key is not null do nothing
  returning case_id`

const JOIN = `
  insert into case_request (case_id, request_id, joined_at)
  select case_id, request_id, $3 from unnest($1::uuid[], $2::uuid[]) as new (case_id, request_id)
  on conflict (case_id, request_id) do update set left_at = null`

const EMPTY = `
  select case_id from officer_case
  where case_id = any ($1::uuid[]) and state = 'open'
    and not exists (select from case_request where case_request.case_id = officer_case.case_id and left_at is null)`

const RESOLVE = `
  update officer_case set state = 'resolved', proposal = null, resolution = new.resolution, salt = new.salt
  from unnest($1::uuid[], $2::jsonb[], $3::text[]) as new (case_id, resolution, salt)
  where officer_case.case_id = new.case_id`
