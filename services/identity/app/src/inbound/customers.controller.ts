import { randomUUID } from 'node:crypto'
import { Body, Controller, Get, Headers, HttpCode, Inject, Injectable, Param, Post, Put, Query } from '@nestjs/common'
import { buildOwnershipGraph, walkOwnership } from '@weir/identity-core'
import type { UnitOfWork, UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { actorOf, parseBody, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import { z } from 'zod'
import type { CustomerView, IdentityViews } from '../store/identity-views.js'
import { assessCustomers } from '../use-cases/assess-tenants.js'
import type { Declaration, DeclareMode } from '../use-cases/plan-declarations.js'
import type { Customer, Stores } from '../use-cases/ports.js'
import { declarationOf, refuseDeepOwners, registrationBody, replacementBody, tenantsBody } from './customer-body.js'
import { declareOne, unknownCustomer } from './declare-one.js'
import { DATABASE, STORES, UNIT_OF_WORK, VIEWS } from './tokens.js'

const pageQuery = z.object({
  after: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

@Injectable()
@Controller('v1/customers')
export class CustomersController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(VIEWS) private readonly views: IdentityViews,
    @Inject(UNIT_OF_WORK) private readonly units: UnitOfWorkRunner,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get()
  async list(@Query() query: unknown) {
    const page = parseBody(pageQuery, query)
    const items = (await this.views.customers({ ...page, limit: page.limit + 1 })).map(summaryOf)
    const more = items.length > page.limit
    return { items: items.slice(0, page.limit), ...(more ? { next: items[page.limit - 1]?.customerId } : {}) }
  }

  @Get(':customerId')
  async read(@Param('customerId') customerId: string) {
    const customer = await this.views.customer(customerId)
    if (customer === undefined) throw unknownCustomer(customerId)
    const graph = buildOwnershipGraph(customer.declaration)
    return {
      ...summaryOf(customer),
      declaration: customer.declaration,
      ...(graph.ok ? { ownership: walkOwnership(graph.value) } : {}),
      assessment: await this.database.inTransaction(async (tx) => {
        const list = await this.stores.lists.active(tx)
        const known = await assessCustomers(this.stores, tx, { list, customers: [customer] })
        const assessed = known.get(customerId)
        return assessed === undefined ? undefined : { ...assessed.assessment, pins: assessed.pins }
      }),
    }
  }

  @Post()
  @HttpCode(201)
  async register(@Body() body: unknown, @Headers() headers: RequestHeaders) {
    refuseDeepOwners(body)
    const { customerId, tenants, ...rest } = parseBody(registrationBody, body)
    const row = { declaration: declarationOf(customerId, rest), tenants }
    return await this.#once({ command: 'register-customer', mode: 'register', headers, fingerprint: body }, () => Promise.resolve(row))
  }

  @Put(':customerId')
  async replace(@Param('customerId') customerId: string, @Body() body: unknown, @Headers() headers: RequestHeaders) {
    refuseDeepOwners(body)
    const { tenants, ...rest } = parseBody(replacementBody, body)
    const row = { declaration: declarationOf(customerId, rest), tenants }
    const by = actorOf(headers).name
    const cause = { id: randomUUID() }
    return await this.units.run('replace-customer', (unit) => declareOne(this.stores, unit, { row, mode: 'replace', by, cause }))
  }

  @Post(':customerId/tenants')
  @HttpCode(200)
  async addTenants(@Param('customerId') customerId: string, @Body() body: unknown, @Headers() headers: RequestHeaders) {
    const parsed = parseBody(tenantsBody, body)
    const moreTenants = 'tenants' in parsed ? parsed.tenants : [parsed]
    return await this.#once({ command: 'add-tenants', mode: 'replace', headers, fingerprint: { customerId, body } }, async (unit) => {
      const known = await this.stores.customers.loadForUpdate(unit.tx, [customerId])
      const customer: Customer | undefined = known.get(customerId)
      if (customer === undefined) throw unknownCustomer(customerId)
      return { declaration: customer.declaration, moreTenants }
    })
  }

  async #once(
    command: { readonly command: string; readonly mode: DeclareMode; readonly headers: RequestHeaders; readonly fingerprint: unknown },
    rowOf: (unit: UnitOfWork) => Promise<Declaration>,
  ) {
    const by = actorOf(command.headers).name
    const key = `${command.command} ${by} ${requireIdempotencyKey(command.headers)}`
    return await this.units.run(command.command, async (unit) => {
      const answer = await runIdempotent({ unit, key, fingerprint: command.fingerprint }, async () => {
        // Behind these locks, so that all commands take them in the same order.
        await this.stores.lists.holdActive(unit.tx, 'share')
        await this.stores.customers.holdDeclarations(unit.tx)
        const row = await rowOf(unit)
        return { status: 200, body: await declareOne(this.stores, unit, { row, mode: command.mode, by, cause: { id: key } }) }
      })
      return answer.body
    })
  }
}

const summaryOf = ({ declaration, customerId, revision, changedAt, tenants, ownershipDigest }: CustomerView) => ({
  customerId,
  name: declaration.name,
  registeredIn: declaration.registeredIn,
  headquarters: declaration.headquarters,
  tenants,
  revision,
  changedAt,
  ownershipDigest,
})
