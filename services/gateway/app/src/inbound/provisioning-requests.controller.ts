import { Controller, Get, Headers, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common'
import { submittedRequest } from '@weir/contracts'
import { parseBody, ProblemError, requireIdempotencyKey } from '@weir/service-host'
import type { Request, Response } from 'express'
import type { RequestView } from '../store/answer-reader.js'
import { commandKey, type Taken } from '../use-cases/decide-request.js'
import type { RequestDesk, Room } from './request-desk.js'
import { parseJson, readBody } from './read-body.js'

export const REQUEST_DESK = Symbol('request desk')

const DEFAULT_WAIT_MS = 2_000
const MAX_WAIT_MS = 10_000

/** Commands of a platform that sends the canonical request itself. */
@Controller('v1')
export class ProvisioningRequestsController {
  constructor(@Inject(REQUEST_DESK) private readonly desk: RequestDesk) {}

  @Post('provisioning-requests\\:decide')
  async decide(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { taken, room } = await this.take(request, response)
    const view = await this.desk.waitForAnswer(taken, { room, timeoutMs: waitOf(request.headers['prefer']) })
    if (view === undefined) accepted(response, taken.id)
    else response.status(200).json(view.answer)
  }

  @Post('provisioning-requests\\:submit')
  async submit(@Req() request: Request, @Res() response: Response): Promise<void> {
    accepted(response, (await this.take(request, response)).taken.id)
  }

  @Get('provisioning-requests/:id')
  async get(@Param('id') id: string, @Headers('authorization') key: string | undefined, @Res() response: Response): Promise<void> {
    const view = await this.view(id, key)
    if (view.state === 'answered') response.json(view.answer)
    else accepted(response, id)
  }

  @Get('provisioning-requests/:id/receipt')
  @HttpCode(200)
  async receipt(@Param('id') id: string, @Headers('authorization') key: string | undefined, @Res() response: Response): Promise<void> {
    response.type('text/plain; charset=utf-8').send((await this.answered(id, key)).answer.receipt)
  }

  @Get('provisioning-requests/:id/entry')
  async entry(@Param('id') id: string, @Headers('authorization') key: string | undefined, @Res() response: Response): Promise<void> {
    response.type('application/json').send(Buffer.from((await this.answered(id, key)).entry, 'utf8'))
  }

  private async take(request: Request, response: Response): Promise<{ readonly taken: Taken; readonly room: Room }> {
    const caller = this.desk.keys.require(request.headers.authorization, 'requests:decide')
    const named = request.headers['idempotency-key']
    const key = typeof named === 'string' ? commandKey(caller.name, named) : undefined
    return this.desk.admit({ caller: caller.name, commandKey: key }, async () => {
      const json = parseJson(await readBody(request, response))
      const idempotencyKey = requireIdempotencyKey(request.headers)
      const submitted = parseBody(submittedRequest, json)
      return this.desk.decide.take({ request: submitted, caller: caller.name, idempotencyKey, traceparent: traceparentOf(request) })
    })
  }

  private async view(id: string, key: string | undefined): Promise<RequestView> {
    this.desk.keys.require(key, 'requests:read')
    const view = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? await this.desk.answers.view(id) : undefined
    if (view === undefined) throw new ProblemError({ status: 404, code: 'request-unknown', title: 'There is no request with this id.' })
    return view
  }

  private async answered(id: string, key: string | undefined): Promise<Extract<RequestView, { state: 'answered' }>> {
    const view = await this.view(id, key)
    if (view.state === 'answered') return view
    throw new ProblemError({
      status: 404,
      code: 'not-answered-yet',
      title: 'The request has no recorded decision yet.',
      headers: { 'retry-after': '1' },
    })
  }
}

function accepted(response: Response, id: string): void {
  response.status(202).location(`/v1/provisioning-requests/${id}`).set('retry-after', '1').json({ id, state: 'pending' })
}

/** RFC 7240 `wait=n`, in seconds; what is above the cap is cut to it. */
export function waitOf(prefer: string | string[] | undefined): number {
  const seconds = /(?:^|[,;\s])wait=(\d{1,6})(?=$|[,;\s])/i.exec([prefer ?? ''].flat().join(','))?.[1]
  return seconds === undefined ? DEFAULT_WAIT_MS : Math.min(Number(seconds) * 1000, MAX_WAIT_MS)
}

export const traceparentOf = (request: Request): string | undefined => {
  const given = request.headers['traceparent']
  return typeof given === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : undefined
}
