import { randomBytes, randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type { ServiceDeps } from '@weir/service-host'
import { POLICY_DIR, type AdjudicationConfig } from './config.js'
import type { DecisionMaking } from './outbound/to-decision-made.js'
import { loadPolicy, type Policy } from './policy/load-policy.js'
import { digestOf } from './policy/read-pack.js'
import { CaseDeskQueries } from './store/case-desk-queries.js'
import { SqlCaseStore } from './store/sql-case-store.js'
import { SqlFactStore } from './store/sql-fact-store.js'
import { SqlLicenseStore } from './store/sql-license-store.js'
import { SqlPolicyStore } from './store/sql-policy-store.js'
import { SqlRecheckStore } from './store/sql-recheck-store.js'
import { SqlRequestStore } from './store/sql-request-store.js'
import { CaseDesk } from './use-cases/case-desk.js'
import { DecideHeldAgain } from './use-cases/decide-held-again.js'
import { DecideRequests } from './use-cases/decide-requests.js'
import { EndActs } from './use-cases/end-acts.js'

/** The parts of the service, wired once; module, jobs and start-up share them. */
export interface Adjudication extends Pick<ServiceDeps<AdjudicationConfig>, 'database' | 'unitOfWork'> {
  readonly deadlineMs: number
  readonly policy: Policy
  readonly requests: SqlRequestStore
  readonly facts: SqlFactStore
  readonly licenses: SqlLicenseStore
  readonly policies: SqlPolicyStore
  readonly caseQueries: CaseDeskQueries
  readonly decide: DecideRequests
  readonly decideHeldAgain: DecideHeldAgain
  readonly endActs: EndActs
  readonly caseDesk: CaseDesk
  making(now: Date): DecisionMaking
  newSalt(): string
}

export function adjudication(deps: ServiceDeps<AdjudicationConfig>): Adjudication {
  const { config, database, unitOfWork } = deps
  const custom = config.WEIR_ADJUDICATION_POLICY_DIR
  const policy = loadPolicy(custom === undefined ? POLICY_DIR : pathToFileURL(custom.endsWith('/') ? custom : `${custom}/`))
  const requests = new SqlRequestStore()
  const cases = new SqlCaseStore()
  const licenses = new SqlLicenseStore()
  const caseQueries = new CaseDeskQueries()
  const newSalt = () => randomBytes(16).toString('base64url')
  const deciding = { policy, requests, cases, licenses, newId: () => randomUUID(), newSalt, digestOf }
  const decide = new DecideRequests(deciding)
  return {
    database,
    unitOfWork,
    deadlineMs: config.WEIR_ADJUDICATION_DEADLINE_MS,
    policy,
    requests,
    facts: new SqlFactStore(),
    licenses,
    policies: new SqlPolicyStore(),
    caseQueries,
    decide,
    decideHeldAgain: new DecideHeldAgain({ requests, rechecks: new SqlRecheckStore(), decide }),
    endActs: new EndActs(deciding),
    caseDesk: new CaseDesk({ requests, cases, members: caseQueries, decide }),
    making: (now) => ({ now, digestOf, newSalt }),
    newSalt,
  }
}
