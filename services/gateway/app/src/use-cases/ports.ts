import type { CanonicalRequest, Reason, TenantRef } from '@weir/contracts'
import type { Transaction } from '@weir/persistence'

/** A request as the gateway keeps it: the one shape, its identity, and how often it was asked. */
export interface StoredRequest {
  readonly id: string
  /** records with the same key tell of one act */
  readonly actKey: string
  /** SHA-256 of the canonical JSON of the first record's request */
  readonly fingerprint: string
  readonly customerId: string | undefined
  /** message key: the customer, or the tenant while its customer is not known */
  readonly key: string
  readonly ask: number
  readonly receivedAt: string
  readonly request: CanonicalRequest
}

/** Contract: every method runs inside the given transaction and never outside it. */
export interface RequestStore {
  /** Serializes transactions that write the same acts, in a fixed order, until they end. */
  lockActs(tx: Transaction, actKeys: readonly string[]): Promise<void>
  byActs(tx: Transaction, actKeys: readonly string[]): Promise<StoredRequest[]>
  /** Inserts or replaces by id. */
  save(tx: Transaction, requests: readonly StoredRequest[]): Promise<void>
  /** Requests of these tenants that are keyed by tenant still, locked. */
  ofUnknownTenants(tx: Transaction, tenants: readonly TenantRef[]): Promise<StoredRequest[]>
  linkResources(tx: Transaction, links: readonly { resourceId: string; requestId: string }[]): Promise<void>
  /** Notes that these resources were given back; the requests of which none is left, each with the resource that was named last. */
  giveBack(tx: Transaction, resourceIds: readonly string[]): Promise<{ readonly stored: StoredRequest; readonly resourceId: string }[]>
}

/** The gateway's copy of whose tenant is whose. */
export interface TenantStore {
  /**
   * Until the transaction ends: `asking` waits for those who learn whose these tenants are, and `learning` for both, so
   * that no request is stored as an unknown tenant's behind the back of the one who makes the tenant known.
   */
  lock(tx: Transaction, tenants: readonly TenantRef[], how: 'asking' | 'learning'): Promise<void>
  customersOf(tx: Transaction, tenants: readonly TenantRef[]): Promise<ReadonlyMap<string, string>>
  /** The listed tenants replace the customer's earlier ones. */
  replace(tx: Transaction, owned: { readonly customerId: string; readonly tenants: readonly TenantRef[] }): Promise<void>
}

/** One revision on its way to an answer; it becomes one when decision, entry and receipt are all there and agree. */
export interface Revision {
  readonly requestId: string
  readonly revision: number
  readonly key: string
  readonly decision?: {
    readonly ask: number
    readonly outcome: 'approve' | 'hold' | 'deny'
    readonly reasons: readonly Reason[]
    readonly caseId: string | undefined
    readonly request: CanonicalRequest
    /** digest of the outcome section, as the entry has to state it */
    readonly outcomeDigest: string
    /** of the request section; undefined: the section is of another request than the decision carries */
    readonly requestDigest: string | undefined
  }
  readonly record?: { readonly entry: string; readonly receipt: string; readonly index: number }
  readonly answered: boolean
}

export type RevisionPart = Omit<Revision, 'answered'>

export interface AnswerStore {
  /**
   * Adds what is known of each revision, each at most once, and returns all of them whole, locked. Until a revision is
   * answered a later part replaces an earlier one; after that nothing changes it.
   */
  merge(tx: Transaction, parts: readonly RevisionPart[]): Promise<Revision[]>
  /** Seconds since each request was received, in the order of the revisions; undefined: the request is not known here. */
  markAnswered(tx: Transaction, revisions: readonly Revision[]): Promise<readonly (number | undefined)[]>
}

/** Contract: true only if the receipt proves that exactly this entry is in the log of the pinned key. */
export interface ReceiptChecker {
  check(record: { readonly entry: string; readonly receipt: string }): { readonly ok: true } | { readonly ok: false; readonly why: string }
}

export const tenantKey = (tenant: TenantRef): string => `${tenant.system}\n${tenant.id}`

export interface UnreadEvent {
  readonly id: string
  readonly platform: string
  readonly reason: string
  readonly body: string
}

/** Events that no adapter could read, kept as they came so that a mended adapter can read them. */
export interface UnreadEvents {
  keep(tx: Transaction, events: readonly UnreadEvent[]): Promise<void>
}
