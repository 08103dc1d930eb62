import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common'
import { resolveSku, UNSPECIFIED_PROVIDER, type SkuResolution } from '@weir/catalog'
import type { UnitOfWork, UnitOfWorkRunner } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import { actorOf, parseBody, ProblemError, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import { z } from 'zod'
import { toWorkloadClassified } from '../outbound/to-workload-classified.js'
import type { SqlAskStore } from '../store/sql-ask-store.js'
import { skuRef } from '../use-cases/classify-ask.js'
import type { CurrentTables } from '../use-cases/current-tables.js'
import type { MapSkuRefusal, MapSkus } from '../use-cases/map-sku.js'
import type { SkuGap } from '../use-cases/ports.js'

export const SKUS_DEPS = Symbol('skus')
export interface SkusDeps {
  readonly database: Database
  readonly unitOfWork: UnitOfWorkRunner
  readonly current: CurrentTables
  readonly mapSkus: MapSkus
  readonly asks: SqlAskStore
  readonly writeScope: string
}

export const newSku = z.strictObject({
  /** absent: for requests that name no provider */
  provider: z.string().min(1).max(60).optional(),
  raw: z.string().min(1).max(200),
  /** in one piece; `none` and an empty list state that there is none */
  accelerators: z.union([
    z.literal('none'),
    z.array(z.strictObject({ model: z.string().min(1).max(120), count: z.number().positive().max(100_000) })).max(64),
  ]),
})

interface Mapped {
  readonly provider: string
  readonly raw: string
  readonly accelerators: z.infer<typeof newSku>['accelerators']
  readonly reclassifiedAsks: number
}

@Controller('v1/skus')
export class SkusController {
  readonly #deps: SkusDeps

  constructor(@Inject(SKUS_DEPS) deps: SkusDeps) {
    this.#deps = deps
  }

  @Get('gaps')
  async gaps(): Promise<{ items: readonly SkuGap[] }> {
    return { items: await this.#deps.asks.gaps(this.#deps.database) }
  }

  @Get(':provider/:raw')
  async resolve(
    @Param('provider') provider: string,
    @Param('raw') raw: string,
  ): Promise<SkuResolution & { provider: string; raw: string }> {
    const { tables } = await this.#deps.database.inTransaction((tx) => this.#deps.current.at(tx))
    return { provider, raw, ...resolveSku(tables.catalog, { provider, raw }) }
  }

  @Post()
  @HttpCode(201)
  async map(@Headers() headers: RequestHeaders, @Body() body: unknown): Promise<Mapped> {
    const actor = actorOf(headers)
    if (!actor.scopes.includes(this.#deps.writeScope)) {
      const detail = `The scope ${this.#deps.writeScope} is required.`
      throw new ProblemError({ status: 403, code: 'scope-missing', title: 'This actor may not add machine names.', detail })
    }
    const key = requireIdempotencyKey(headers)
    const sku = parseBody(newSku, body)
    const answer = await this.#deps.unitOfWork.run('map-sku', (unit) =>
      runIdempotent({ unit, key: `map-sku:${actor.name}:${key}`, fingerprint: sku }, async () => ({
        status: 201,
        body: await this.#mapped(unit, { sku, actor: actor.name, key }),
      })),
    )
    return answer.body
  }

  async #mapped(unit: UnitOfWork, command: { sku: z.infer<typeof newSku>; actor: string; key: string }): Promise<Mapped> {
    const { sku, actor, key } = command
    const parts = sku.accelerators === 'none' ? 'none' : sku.accelerators.map((part) => ({ ...part, model: part.model.toLowerCase() }))
    const result = await this.#deps.mapSkus.run(unit.tx, { provider: sku.provider, raw: sku.raw, accelerators: parts, actor }, unit.now)
    if (!result.ok) throw problemOf(result.refusal)
    for (const changed of result.value) {
      unit.emit({
        type: 'weir.workload.reclassified.v1',
        subject: changed.ask.requestId,
        key: changed.ask.key,
        data: toWorkloadClassified(changed, unit.now),
        cause: { id: `map-sku:${actor}:${key}` },
      })
    }
    const ref = skuRef(sku.provider ?? UNSPECIFIED_PROVIDER, sku.raw)
    return { provider: ref.provider, raw: ref.name, accelerators: parts, reclassifiedAsks: result.value.length }
  }
}

function problemOf(refusal: MapSkuRefusal): ProblemError {
  const { code, detail } = refusal
  switch (code) {
    case 'sku-listed':
      return new ProblemError({ status: 409, code, title: 'This machine name is listed already.', detail })
    case 'part-not-listed': {
      const errors = [{ pointer: `/accelerators/${refusal.index}/model`, detail }]
      return new ProblemError({ status: 422, code, title: 'The row names a part that is not listed.', detail, errors })
    }
    case 'part-missing': {
      const errors = [{ pointer: '/accelerators', detail }]
      return new ProblemError({ status: 422, code, title: 'The row leaves out a part that the machine has for certain.', detail, errors })
    }
  }
}
