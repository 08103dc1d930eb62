import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Controller, Get, Headers, Inject, Injectable, Put, Query, Req } from '@nestjs/common'
import type { UnitOfWorkRunner } from '@weir/messaging'
import { actorOf, ProblemError, type RequestHeaders } from '@weir/service-host'
import type { IdentityConfig } from '../config.js'
import type { IdentityViews } from '../store/identity-views.js'
import type { Stores } from '../use-cases/ports.js'
import { putListIntoForce } from './put-list-into-force.js'
import { readScreeningList, type ListProblem } from './read-screening-list.js'
import { mediaTypeOf, readTextBody } from './read-text-body.js'
import { CONFIG, STORES, UNIT_OF_WORK, VIEWS } from './tokens.js'

const shownLists = 100

@Injectable()
@Controller('v1/lists')
export class ListsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(VIEWS) private readonly views: IdentityViews,
    @Inject(UNIT_OF_WORK) private readonly units: UnitOfWorkRunner,
    @Inject(CONFIG) private readonly config: IdentityConfig,
  ) {}

  @Get()
  async list() {
    return { items: await this.views.lists(shownLists) }
  }

  /** Replaces the list in force as a whole; the same entries again change nothing. */
  @Put('screening')
  async replace(@Req() request: IncomingMessage, @Headers() headers: RequestHeaders, @Query('title') title: string | undefined) {
    const by = actorOf(headers).name
    if (mediaTypeOf(request) !== 'text/csv') {
      throw new ProblemError({ status: 415, code: 'csv-expected', title: 'A screening list is sent as text/csv.' })
    }
    const read = await readScreeningList(await readTextBody(request, this.config.WEIR_IDENTITY_CSV_LIMIT_MB))
    if (!read.ok) throw refusalOf(read.refusal)
    const list = { title: (title ?? 'Consolidated Screening List').slice(0, 300), entries: read.value, by }
    return await putListIntoForce(this.stores, this.units, { list, cause: { id: randomUUID() } })
  }
}

const refusalOf = (problems: readonly ListProblem[]): ProblemError =>
  new ProblemError({
    status: 422,
    code: 'list-refused',
    title: 'The list was not put into force, because some rows cannot be read.',
    errors: problems.map(({ line, column, detail }) => ({
      pointer: `/${line}/${column}`,
      detail: `Line ${line}, column ${column}: ${detail}`,
    })),
  })
