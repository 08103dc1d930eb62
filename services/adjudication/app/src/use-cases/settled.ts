import type { Verdict } from '@weir/adjudication-core'
import type { CaseTarget } from './case-plan.js'
import type { Drawn } from './license-book.js'
import type { MachineVerdict, PolicyInUse } from './machine-verdict.js'
import type { CaseStore, Cause, LicenseMove, LicenseStore, People, RequestState, RequestStore } from './ports.js'

export interface DecideDeps {
  readonly policy: PolicyInUse
  readonly requests: RequestStore
  readonly cases: CaseStore
  readonly licenses: LicenseStore
  readonly newId: () => string
  /** 16 random bytes, base64url: what is recorded must not be guessable from its digest */
  readonly newSalt: () => string
  /** SHA-256 over canonical JSON, hex */
  readonly digestOf: (value: unknown) => string
}

export interface OfficersAnswer {
  readonly caseId: string
  readonly outcome: 'approve' | 'deny'
  readonly people: Required<People>
}

export interface DecideOn {
  readonly now: Date
  /** what made it happen, by request id; absent: the event that brought the ask */
  readonly causes?: ReadonlyMap<string, Cause>
  /** also hold what waits for an assessment past its deadline */
  readonly overdueToo?: boolean
  readonly answer?: OfficersAnswer
}

export interface Settled extends MachineVerdict {
  readonly state: RequestState
  readonly machineDigest: string
  /** the machine's verdict, or what officers made of it */
  readonly final: Verdict
  readonly target: CaseTarget | undefined
  readonly people: People
  readonly moves: readonly LicenseMove[]
  readonly drawn?: Drawn
}
