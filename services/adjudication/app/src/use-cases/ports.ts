import type { License, Reason, Verdict } from '@weir/adjudication-core'
import type { EventData } from '@weir/contracts'
import type { Transaction } from '@weir/persistence'

export type Requested = EventData<'weir.provisioning.requested.v1'>
export type Identity = EventData<'weir.identity.assessed.v1'>
export type Workload = EventData<'weir.workload.classified.v1'>

/** What an event goes back to: the id of an event or a command. */
export interface Cause {
  readonly id: string
  readonly traceparent?: string | undefined
}

/** The newest ask of a request with what is known about it. */
export interface AskState {
  readonly ask: number
  readonly requested: Requested
  /** key of the event that brought the ask */
  readonly key: string
  readonly cause: Cause
  readonly identity?: Identity
  readonly workload?: Workload
  /** by the database's clock */
  readonly overdue: boolean
}

export interface CurrentDecision {
  readonly revision: number
  readonly ask: number
  readonly late: boolean
  /** over what the rules said, whatever officers made of it */
  readonly machineDigest: string
}

export interface Reservation {
  readonly reservationId: string
  readonly licenseId: string
  readonly quantity: number
  readonly state: 'reserved' | 'consumed'
}

export interface Proposal {
  readonly outcome: 'approve' | 'deny'
  readonly officer: string
  readonly note: string
  readonly proposedAt: string
}

export interface OpenCase {
  readonly caseId: string
  readonly scope: 'request' | 'tenant'
  readonly tenantKey?: string
  readonly eventKey: string
  readonly proposal?: Proposal
}

export interface RequestState {
  readonly requestId: string
  /** the platform reported that the machines run */
  readonly started: boolean
  /** the ask that failed, or whose machines were given back */
  readonly endedAsk?: number
  readonly newest?: AskState
  readonly current?: CurrentDecision
  readonly reservations: readonly Reservation[]
  readonly openCase?: OpenCase
}

export interface People {
  readonly proposedBy?: string
  readonly approvedBy?: string
  readonly note?: string
}

export interface NewDecision {
  readonly requestId: string
  readonly revision: number
  readonly ask: AskState
  readonly late: boolean
  readonly machineDigest: string
  readonly verdict: Verdict
  readonly people: People
  readonly pins: Pins
  readonly caseId?: string
  readonly drawn?: { readonly licenseId: string; readonly reservationId: string; readonly quantity: number }
}

export interface Pins {
  readonly packs: Readonly<Record<string, string>>
  readonly lists?: string
  readonly ownership?: string
  readonly catalog?: string
  readonly identityAssessment?: string
  readonly workloadVerdict?: string
}

export interface NewCase extends OpenCase {
  readonly requestId: string
  readonly customerId?: string
  readonly reasons: readonly Reason[]
}

export interface Resolution {
  readonly resolution: 'approve' | 'deny' | 'superseded'
  readonly proposedBy?: string
  readonly approvedBy?: string
  readonly note?: string
}

export interface ResolvedCase {
  readonly caseId: string
  readonly resolution: Resolution
  /** goes out with the event and stays here: without it nobody can show what the log's digest is of */
  readonly salt: string
}

export interface LicenseMove {
  readonly kind: 'reserved' | 'consumed' | 'released'
  readonly licenseId: string
  readonly reservationId: string
  readonly requestId: string
  readonly quantity: number
  readonly available: number
}

/** What a unit of work did, in the order in which the world is told. */
export type Change = { readonly key: string; readonly cause: Cause } & (
  | { readonly kind: 'decided'; readonly decision: NewDecision }
  | { readonly kind: 'case-opened'; readonly opened: NewCase }
  | ({ readonly kind: 'case-resolved' } & ResolvedCase)
  | { readonly kind: 'license-moved'; readonly move: LicenseMove }
)

export interface RequestStore {
  /** Creates missing rows and locks all of them, in one order everywhere; the first thing any unit of work does. */
  lock(tx: Transaction, requestIds: readonly string[]): Promise<void>
  /** Of locked requests, in the order of the ids. */
  load(tx: Transaction, requestIds: readonly string[], now: Date): Promise<readonly RequestState[]>
  /** Locks requests with an overdue ask that nobody else works on. */
  lockOverdue(tx: Transaction, now: Date, limit: number): Promise<readonly string[]>
  saveDecisions(tx: Transaction, decisions: readonly NewDecision[], now: Date): Promise<void>
}

export interface CaseStore {
  /** Locks open cases: those of these tenants, and those with these ids. */
  lock(tx: Transaction, of: { readonly tenantKeys: readonly string[]; readonly caseIds: readonly string[] }): Promise<readonly OpenCase[]>
  /** Ids of the cases that are new; one of a tenant that has an open case meanwhile is left out. */
  open(tx: Transaction, cases: readonly NewCase[], now: Date): Promise<readonly string[]>
  join(tx: Transaction, members: readonly { readonly caseId: string; readonly requestId: string }[], now: Date): Promise<void>
  leave(tx: Transaction, requestIds: readonly string[], now: Date): Promise<void>
  /** Those among the open cases that no request is in any more. */
  empty(tx: Transaction, caseIds: readonly string[]): Promise<readonly string[]>
  resolve(tx: Transaction, cases: readonly ResolvedCase[], now: Date): Promise<void>
  setProposal(tx: Transaction, caseIds: readonly string[], proposal: Proposal | undefined): Promise<void>
}

export interface LicenseStore {
  /** Locks the licenses of these customers and with these ids until the transaction ends. */
  lock(
    tx: Transaction,
    of: { readonly customerIds: readonly string[]; readonly licenseIds: readonly string[] },
  ): Promise<readonly License[]>
  /** Saves the reservations of these moves and the balances that they lead to. */
  save(tx: Transaction, moves: readonly LicenseMove[], now: Date): Promise<void>
}
