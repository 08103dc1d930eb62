import { randomUUID } from 'node:crypto'
import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common'
import type { ServiceDeps } from '@weir/service-host'
import type { LoadSignal, RoomLimits } from '@weir/gateway-core'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { GatewayConfig } from './config.js'
import { ApiKeys } from './inbound/api-keys.js'
import { CustomerEventsController, LEARN_CUSTOMERS } from './inbound/customer-events.controller.js'
import { ANSWER_REQUESTS, DecisionEventsController } from './inbound/decision-events.controller.js'
import { forwardToOwners } from './inbound/forward.js'
import { INTAKE, IntakeController } from './inbound/intake.controller.js'
import { LOAD_WATCH, LoadWatch } from './inbound/load-watch.js'
import { PAGES, PagesController } from './inbound/pages.controller.js'
import { PARKED, ParkedController } from './inbound/parked.controller.js'
import { ProvisioningRequestsController, REQUEST_DESK } from './inbound/provisioning-requests.controller.js'
import { RequestDesk } from './inbound/request-desk.js'
import { SOURCES, SourcesController } from './inbound/sources.controller.js'
import { ParkedMessages } from './outbound/parked-messages.js'
import { readCatalog } from './outbound/read-catalog.js'
import { PinnedReceiptChecker } from './outbound/receipt-checker.js'
import { AnswerReader } from './store/answer-reader.js'
import { KnownCommands } from './store/known-commands.js'
import { PostgresAnswerStore } from './store/answer-store.js'
import { PostgresRequestStore } from './store/request-store.js'
import { PostgresTenantStore } from './store/tenant-store.js'
import { UnreadEventStore } from './store/unread-event-store.js'
import { AcceptRequests } from './use-cases/accept-requests.js'
import { AnswerRequests } from './use-cases/answer-requests.js'
import { AnswerWaiters } from './use-cases/answer-waiters.js'
import { DecideRequest } from './use-cases/decide-request.js'
import { GateLoad } from './use-cases/gate-load.js'
import { LearnCustomers } from './use-cases/learn-customers.js'
import { OpenRequests } from './use-cases/open-requests.js'
import { TakeSourceBody } from './use-cases/take-source-body.js'

function useCases(deps: ServiceDeps<GatewayConfig>) {
  const { config, logger, metrics, database } = deps
  const stores = { requests: new PostgresRequestStore(), tenants: new PostgresTenantStore() }
  const unread = new UnreadEventStore()
  const events = new Counter({
    name: 'weir_source_events_total',
    help: 'events by platform and result',
    labelNames: ['platform', 'result'],
    registers: [metrics],
  })
  const waiters = new AnswerWaiters()
  const reader = new AnswerReader(database)
  const now = () => performance.now()
  const open = new OpenRequests((ids) => reader.answeredAmong(ids), now)
  const requests = new AcceptRequests(stores, randomUUID, (id, caller) => open.accepted(id, caller ?? 'weir.intake'))
  return {
    reader,
    open,
    load: new GateLoad({ load: deps.load, open, limits: limitsOf(config), now }),
    unread,
    waiters,
    requests,
    customers: new LearnCustomers(stores),
    answers: new AnswerRequests({
      answers: new PostgresAnswerStore(),
      receipts: new PinnedReceiptChecker(config.WEIR_GATEWAY_LEDGER_VKEY),
      listener: {
        answered: (one) => {
          open.answered(one)
          waiters.answered(one)
        },
      },
      count: countAnswers(metrics),
      refusedReceipt: ({ requestId, revision }, why) =>
        logger.error({ requestId, revision, why }, 'a receipt was refused; the decision stays inside'),
    }),
    take: new TakeSourceBody({
      requests,
      unread,
      context: { catalog: readCatalog(config.WEIR_GATEWAY_POLICY_DIR), installation: config.WEIR_GATEWAY_INSTALLATION },
      count: (platform, result) => events.inc({ platform, result }),
    }),
  }
}

const limitsOf = (config: GatewayConfig): RoomLimits => ({
  wait: {
    'outbox-depth': config.WEIR_GATEWAY_WAIT_OUTBOX,
    'outbox-age': config.WEIR_GATEWAY_WAIT_OUTBOX_AGE_MS,
    lag: config.WEIR_GATEWAY_WAIT_LAG,
    'event-loop': config.WEIR_GATEWAY_WAIT_LOOP_DELAY_MS,
    'open-requests': config.WEIR_GATEWAY_WAIT_OPEN,
  },
  take: {
    'outbox-depth': config.WEIR_GATEWAY_MAX_OUTBOX,
    'outbox-age': config.WEIR_GATEWAY_MAX_OUTBOX_AGE_MS,
    lag: config.WEIR_GATEWAY_MAX_LAG,
    'event-loop': config.WEIR_GATEWAY_MAX_LOOP_DELAY_MS,
    'open-requests': config.WEIR_GATEWAY_MAX_OPEN,
  },
})

function countShed(metrics: Registry, open: OpenRequests) {
  const registers = [metrics]
  new Gauge({
    name: 'weir_open_requests',
    help: 'requests that this process is taking, or accepted and has no answer to',
    registers,
    collect() {
      this.set(open.count())
    },
  })
  const shed = new Counter({
    name: 'weir_shed_total',
    help: 'requests that were not kept waiting, or refused, for want of room',
    labelNames: ['how', 'signal'],
    registers,
  })
  return (how: string, signal: LoadSignal): void => shed.inc({ how, signal })
}

function countAnswers(metrics: Registry) {
  const registers = [metrics]
  const answers = new Counter({
    name: 'weir_answers_total',
    help: 'decisions that left with a receipt',
    labelNames: ['outcome'],
    registers,
  })
  const waits = new Histogram({
    name: 'weir_answer_seconds',
    help: 'time from receiving a request to its first answer with a verified receipt',
    buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60],
    registers,
  })
  return (outcome: string, seconds: number | undefined): void => {
    answers.inc({ outcome })
    if (seconds !== undefined) waits.observe(seconds)
  }
}

/** The gateway's composition root. */
export function gatewayModule(deps: ServiceDeps<GatewayConfig>): DynamicModule {
  const { config, unitOfWork, database, metrics } = deps
  const cases = useCases(deps)
  const keys = new ApiKeys(config.WEIR_GATEWAY_KEYS_FILE)
  const desk = new RequestDesk({
    keys,
    decide: new DecideRequest(unitOfWork, cases.requests),
    answers: cases.reader,
    waiters: cases.waiters,
    load: cases.load,
    open: cases.open,
    known: new KnownCommands(database),
    shed: countShed(metrics, cases.open),
  })
  return {
    module: moduleWith((consumer) => {
      // Not a wildcard: under one, a request's path no longer holds what the wildcard matched.
      if (deps.internal) consumer.apply(forwardToOwners(keys, deps.internal)).forRoutes('/')
    }),
    controllers: [
      ProvisioningRequestsController,
      SourcesController,
      PagesController,
      ParkedController,
      CustomerEventsController,
      DecisionEventsController,
      IntakeController,
    ],
    providers: [
      { provide: LOAD_WATCH, useValue: new LoadWatch(cases.load, deps.logger) },
      { provide: REQUEST_DESK, useValue: desk },
      { provide: PARKED, useValue: { keys, messages: new ParkedMessages(deps.parking, deps.internal), logger: deps.logger } },
      { provide: SOURCES, useValue: { unitOfWork, take: cases.take } },
      {
        provide: PAGES,
        useValue: { home: config.WEIR_GATEWAY_PAGE_FILE, published: new URL('../../../../libs/contracts/published/', import.meta.url) },
      },
      { provide: LEARN_CUSTOMERS, useValue: cases.customers },
      { provide: ANSWER_REQUESTS, useValue: cases.answers },
      { provide: INTAKE, useValue: { take: cases.take, unread: cases.unread, sources: config.WEIR_GATEWAY_INTAKE_SOURCES } },
    ],
  }
}

/** Nest wants a class of its own per module; the forwarding runs before any controller. */
function moduleWith(configure: (consumer: MiddlewareConsumer) => void) {
  @Module({})
  class GatewayModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      configure(consumer)
    }
  }
  return GatewayModule
}
