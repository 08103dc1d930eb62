import { randomUUID } from 'node:crypto'
import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common'
import type { ServiceDeps } from '@weir/service-host'
import { Counter, Histogram, type Registry } from 'prom-client'
import type { GatewayConfig } from './config.js'
import { ApiKeys } from './inbound/api-keys.js'
import { CustomerEventsController, LEARN_CUSTOMERS } from './inbound/customer-events.controller.js'
import { ANSWER_REQUESTS, DecisionEventsController } from './inbound/decision-events.controller.js'
import { forwardToOwners } from './inbound/forward.js'
import { INTAKE, IntakeController } from './inbound/intake.controller.js'
import { PAGES, PagesController } from './inbound/pages.controller.js'
import { PARKED, ParkedController } from './inbound/parked.controller.js'
import { ProvisioningRequestsController, REQUEST_DESK } from './inbound/provisioning-requests.controller.js'
import { RequestDesk } from './inbound/request-desk.js'
import { SOURCES, SourcesController } from './inbound/sources.controller.js'
import { ParkedMessages } from './outbound/parked-messages.js'
import { readCatalog } from './outbound/read-catalog.js'
import { PinnedReceiptChecker } from './outbound/receipt-checker.js'
import { AnswerReader } from './store/answer-reader.js'
import { PostgresAnswerStore } from './store/answer-store.js'
import { PostgresRequestStore } from './store/request-store.js'
import { PostgresTenantStore } from './store/tenant-store.js'
import { UnreadEventStore } from './store/unread-event-store.js'
import { AcceptRequests } from './use-cases/accept-requests.js'
import { AnswerRequests } from './use-cases/answer-requests.js'
import { AnswerWaiters } from './use-cases/answer-waiters.js'
import { DecideRequest } from './use-cases/decide-request.js'
import { LearnCustomers } from './use-cases/learn-customers.js'
import { TakeSourceBody } from './use-cases/take-source-body.js'

function useCases(deps: ServiceDeps<GatewayConfig>) {
  const { config, logger, metrics } = deps
  const stores = { requests: new PostgresRequestStore(), tenants: new PostgresTenantStore() }
  const unread = new UnreadEventStore()
  const events = new Counter({
    name: 'weir_source_events_total',
    help: 'events by platform and result',
    labelNames: ['platform', 'result'],
    registers: [metrics],
  })
  const waiters = new AnswerWaiters()
  const requests = new AcceptRequests(stores, randomUUID)
  return {
    unread,
    waiters,
    requests,
    customers: new LearnCustomers(stores),
    answers: new AnswerRequests({
      answers: new PostgresAnswerStore(),
      receipts: new PinnedReceiptChecker(config.WEIR_GATEWAY_LEDGER_VKEY),
      listener: waiters,
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
  const { config, unitOfWork, database } = deps
  const cases = useCases(deps)
  const keys = new ApiKeys(config.WEIR_GATEWAY_KEYS_FILE)
  const desk = new RequestDesk({
    keys,
    decide: new DecideRequest(unitOfWork, cases.requests),
    answers: new AnswerReader(database),
    waiters: cases.waiters,
    outboxDepth: () => unitOfWork.outboxDepth(),
    maxOutbox: config.WEIR_GATEWAY_MAX_OUTBOX,
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
