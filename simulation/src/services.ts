import { createPrivateKey } from 'node:crypto'
import { readPolicyTables } from '../../services/classification/app/src/store/read-policy-tables.js'
import { ProvisioningController as ClassificationController } from '../../services/classification/app/src/inbound/provisioning.controller.js'
import { ClassifyAsks } from '../../services/classification/app/src/use-cases/classify-asks.js'
import { CurrentTables, type PolicyTables } from '../../services/classification/app/src/use-cases/current-tables.js'
import { MapSkus } from '../../services/classification/app/src/use-cases/map-sku.js'
import { FactsController } from '../../services/adjudication/app/src/inbound/facts.controller.js'
import { loadPolicy } from '../../services/adjudication/app/src/policy/load-policy.js'
import { digestOf } from '../../services/adjudication/app/src/policy/read-pack.js'
import { DecideHeldAgain } from '../../services/adjudication/app/src/use-cases/decide-held-again.js'
import { DecideRequests } from '../../services/adjudication/app/src/use-cases/decide-requests.js'
import { EndActs } from '../../services/adjudication/app/src/use-cases/end-acts.js'
import { CustomerEventsController } from '../../services/gateway/app/src/inbound/customer-events.controller.js'
import { DecisionEventsController } from '../../services/gateway/app/src/inbound/decision-events.controller.js'
import { AcceptRequests } from '../../services/gateway/app/src/use-cases/accept-requests.js'
import { AnswerRequests } from '../../services/gateway/app/src/use-cases/answer-requests.js'
import { LearnCustomers } from '../../services/gateway/app/src/use-cases/learn-customers.js'
import { PinnedReceiptChecker } from '../../services/gateway/app/src/outbound/receipt-checker.js'
import { ProvisioningController as IdentityController } from '../../services/identity/app/src/inbound/provisioning.controller.js'
import { RecordEventsController } from '../../services/ledger/app/src/inbound/record-events.controller.js'
import { CheckpointSigner } from '../../services/ledger/app/src/outbound/checkpoint-signer.js'
import { RecordEntries } from '../../services/ledger/app/src/use-cases/record-entries.js'
import type { Random } from './engine/random.js'
import type { ServiceSpec } from './engine/service-process.js'
import { memoizedPacks } from './memoized.js'
import type { Plant } from './plants.js'
import { AdjudicationTables, SimFactStore, SimLicenseStore, SimRecheckStore, SimRequestStore } from './stores/adjudication-stores.js'
import { CaseTables, SimCaseStore } from './stores/case-store.js'
import { ClassificationTables, SimClassifiedAskStore, SimSiteMappingStore } from './stores/classification-stores.js'
import { GatewayTables, SimAnswerStore, SimGatewayRequestStore, SimTenantStore } from './stores/gateway-stores.js'
import { IdentityTables, SimCustomerStore, SimIdentityAskStore, SimListStore } from './stores/identity-stores.js'
import { LedgerTables, SimLogStore } from './stores/ledger-store.js'

export const DEADLINE_MS = 5_000
export const ORIGIN = 'weir.simulation/ledger'

const folder = new URL('../../policy/', import.meta.url)
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)])

/** What does not change from run to run: the rules, the tables, the ledger's key. Read once. */
export function loadFixtures(policyFolder: URL = folder) {
  const policy = loadPolicy(policyFolder)
  const whole = readPolicyTables(policyFolder)
  const bare = whole.digestWith([])
  const tables: PolicyTables = {
    tables: whole.tables,
    digestWith: (mappings) => (mappings.length === 0 ? bare : digestOf({ bare, mappings })),
  }
  const signer = new CheckpointSigner(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }), ORIGIN)
  const receipts = new PinnedReceiptChecker(signer.vkey)
  return { policy: { ...policy, packs: memoizedPacks(policy.packs) }, tables, signer, receipts }
}

export type Fixtures = ReturnType<typeof loadFixtures>

interface Making {
  readonly fixtures: Fixtures
  readonly random: Random
  readonly plant: Plant | undefined
}

/** The services as they ship, on stores that are simulated. */
export function makeServices(of: Making) {
  return {
    gateway: gateway(of),
    identity: identity(),
    classification: classification(of),
    adjudication: adjudication(of),
    ledger: ledger(of),
  }
}

export type Services = ReturnType<typeof makeServices>

function gateway({ fixtures, random }: Making) {
  const tables = new GatewayTables()
  const stores = { requests: new SimGatewayRequestStore(tables), tenants: new SimTenantStore(tables) }
  let refused = 0
  const answers = new DecisionEventsController(
    new AnswerRequests({
      answers: new SimAnswerStore(tables),
      receipts: fixtures.receipts,
      listener: { answered: () => undefined },
      refusedReceipt: () => void refused++,
      count: () => undefined,
    }),
  )
  const customers = new CustomerEventsController(new LearnCustomers(stores))
  const spec: ServiceSpec = {
    name: 'gateway',
    sequencer: false,
    handlers: {
      'weir.customer.registered.v1': (events, unit) => customers.onRegistered(events, unit),
      'weir.customer.changed.v1': (events, unit) => customers.onChanged(events, unit),
      'weir.decision.made.v1': (events, unit) => answers.onDecision(events, unit),
      'weir.entry.recorded.v1': (events, unit) => answers.onRecorded(events, unit),
    },
  }
  return { spec, tables, accept: new AcceptRequests(stores, () => random.uuid()), refusedReceipts: () => refused }
}

function identity() {
  const tables = new IdentityTables()
  const stores = { lists: new SimListStore(tables), customers: new SimCustomerStore(tables), asks: new SimIdentityAskStore(tables) }
  const controller = new IdentityController(stores)
  const spec: ServiceSpec = {
    name: 'identity',
    sequencer: false,
    handlers: { 'weir.provisioning.requested.v1': (events, unit) => controller.on(events, unit) },
  }
  return { spec, tables, stores }
}

function classification({ fixtures }: Making) {
  const tables = new ClassificationTables()
  const mappings = new SimSiteMappingStore(tables)
  const asks = new SimClassifiedAskStore(tables)
  const policy = fixtures.tables
  const controller = new ClassificationController(
    new ClassifyAsks({ current: new CurrentTables(policy, mappings), bare: policy.tables.catalog, asks }),
  )
  const spec: ServiceSpec = {
    name: 'classification',
    sequencer: false,
    handlers: { 'weir.provisioning.requested.v1': (events, unit) => controller.onRequested(events, unit) },
  }
  return { spec, tables, mapSkus: new MapSkus({ policy, mappings, asks }) }
}

function adjudication({ fixtures, random, plant }: Making) {
  const tables = new AdjudicationTables()
  const cases = new CaseTables()
  const requests = new SimRequestStore(tables, cases)
  const licenses = new SimLicenseStore(tables, { balanceUnchecked: plant === 'balance-check-off' })
  const newSalt = () => random.salt()
  const deps = {
    policy: fixtures.policy,
    requests,
    cases: new SimCaseStore(cases),
    licenses,
    newId: () => random.uuid(),
    newSalt,
    digestOf,
  }
  const decide = new DecideRequests(deps)
  const making = (now: Date) => ({ now, digestOf, newSalt })
  const facts = new SimFactStore(tables)
  const controller = new FactsController({ deadlineMs: DEADLINE_MS, decide, endActs: new EndActs(deps), making, requests, facts })
  const spec: ServiceSpec = {
    name: 'adjudication',
    sequencer: false,
    handlers: {
      'weir.provisioning.requested.v1': (events, unit) => controller.onRequested(events, unit),
      'weir.provisioning.started.v1': (events, unit) => controller.onStarted(events, unit),
      'weir.provisioning.failed.v1': (events, unit) => controller.onFailed(events, unit),
      'weir.provisioning.released.v1': (events, unit) => controller.onReleased(events, unit),
      'weir.identity.assessed.v1': (events, unit) => controller.onAssessed(events, unit),
      'weir.identity.reassessed.v1': (events, unit) => controller.onReassessed(events, unit),
      'weir.workload.classified.v1': (events, unit) => controller.onClassified(events, unit),
      'weir.workload.reclassified.v1': (events, unit) => controller.onReclassified(events, unit),
    },
  }
  const again = new DecideHeldAgain({ requests, rechecks: new SimRecheckStore(tables), decide })
  return { spec, tables, cases, requests, licenses, decide, again, making }
}

function ledger({ fixtures }: Making) {
  const tables = new LedgerTables()
  const controller = new RecordEventsController(
    new RecordEntries({ log: new SimLogStore(tables), signer: fixtures.signer, origin: ORIGIN }),
  )
  const spec: ServiceSpec = {
    name: 'ledger',
    sequencer: true,
    handlers: {
      'weir.decision.made.v1': (events, unit) => controller.onDecision(events, unit),
      'weir.case.resolved.v1': (events, unit) => controller.onCase(events, unit),
      'weir.license.registered.v1': (events, unit) => controller.onLicense(events, unit),
    },
  }
  return { spec, tables }
}
