import { createHash } from 'node:crypto'
import { Controller, Inject, Param, Post, Query, Req, Res } from '@nestjs/common'
import { admissionReview, isPlatform, PLATFORMS } from '@weir/gateway-core'
import type { UnitOfWorkRunner } from '@weir/messaging'
import { ProblemError, runIdempotent } from '@weir/service-host'
import type { Request, Response } from 'express'
import type { RequestDesk, Room } from './request-desk.js'
import type { EventResult, SourceBody, TakeSourceBody } from '../use-cases/take-source-body.js'
import { structuredFromBinary } from './binary-cloudevent.js'
import { REQUEST_DESK, traceparentOf } from './provisioning-requests.controller.js'
import { parseJson, readBody } from './read-body.js'

export const SOURCES = Symbol('sources')
export interface Sources {
  readonly unitOfWork: UnitOfWorkRunner
  readonly take: TakeSourceBody
}

/** The API server gives a webhook ten seconds by default. */
const ADMISSION_WAIT_MS = 5_000

/** Records as platforms emit them. */
@Controller('v1/sources')
export class SourcesController {
  constructor(
    @Inject(REQUEST_DESK) private readonly desk: RequestDesk,
    @Inject(SOURCES) private readonly sources: Sources,
  ) {}

  @Post(':platform/events')
  async post(
    @Param('platform') platform: string,
    @Query('answer') answer: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const caller = this.desk.keys.require(request.headers.authorization, 'sources:write')
    if (!isPlatform(platform)) throw unknownPlatform(platform)
    const commandKey = commandKeyOf(request, caller.name)
    const { taken, room } = await this.desk.admit({ caller: caller.name, commandKey }, async () => {
      const bytes = await readBody(request, response)
      const json = parseJson(bytes)
      const body = platform === 'cloudevents' ? structuredFromBinary(request.headers, json) : json
      const source = { platform, body, text: bytes.toString('utf8'), traceparent: traceparentOf(request), caller: caller.name }
      return { body, results: await this.take(source, commandKey) }
    })
    const { body, results } = taken
    if (answer === 'admission' && platform === 'kubernetes-admission') response.json(await this.admission(body, { results, room }))
    else response.status(200).json({ results })
  }

  private take(source: SourceBody, key: string | undefined): Promise<readonly EventResult[]> {
    return this.sources.unitOfWork.run('take-source-body', async (unit) => {
      const work = () => this.sources.take.take(unit, source)
      if (key === undefined) return work()
      const command = {
        unit,
        key,
        // Not of canonical JSON: a foreign body may hold texts and numbers that have no canonical form.
        fingerprint: { platform: source.platform, body: createHash('sha256').update(JSON.stringify(source.body)).digest('hex') },
      }
      const answered = await runIdempotent(command, async () => ({ status: 200, body: await work() }))
      return answered.body
    })
  }

  private async admission(
    review: unknown,
    { results, room }: { readonly results: readonly EventResult[]; readonly room: Room },
  ): Promise<unknown> {
    const [first] = results
    const id = first?.requests[0]?.id
    if (first?.result === 'ignored') {
      return admissionReview(review, {
        outcome: 'approve',
        reasons: [{ code: 'not-gated', sentence: `Not gated: ${first.reason}.` }],
      })
    }
    if (id === undefined) {
      return admissionReview(review, {
        outcome: 'deny',
        reasons: [{ code: 'unreadable', sentence: first?.reason ?? 'not readable' }],
      })
    }
    const view = await this.desk.waitForAnswer({ id, isNew: false }, { room, timeoutMs: ADMISSION_WAIT_MS })
    if (view === undefined) {
      return admissionReview(review, {
        outcome: 'hold',
        reasons: [{ code: 'not-decided-yet', sentence: 'The decision is not recorded yet.' }],
      })
    }
    return admissionReview(review, { outcome: view.answer.outcome, reasons: view.answer.reasons, caseId: view.answer.case })
  }
}

function commandKeyOf(request: Request, caller: string): string | undefined {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && key !== '' ? `${caller}\nsources\n${key}` : undefined
}

const unknownPlatform = (platform: string): ProblemError =>
  new ProblemError({
    status: 404,
    code: 'platform-unknown',
    title: 'There is no adapter for this platform.',
    detail: `${platform.slice(0, 60)} is none of ${PLATFORMS.join(', ')}.`,
  })
