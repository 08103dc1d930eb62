import { Controller, Get, Headers, Inject, Post, Req, Res } from '@nestjs/common'
import { redriveCommand, type ParkedKeys } from '@weir/contracts'
import { parseBody, type ServiceDeps } from '@weir/service-host'
import type { Request, Response } from 'express'
import type { ParkedMessages } from '../outbound/parked-messages.js'
import type { ApiKeys } from './api-keys.js'
import { parseJson, readBody } from './read-body.js'

export const PARKED = Symbol('parked')
export interface Parked {
  readonly keys: ApiKeys
  readonly messages: ParkedMessages
  readonly logger: ServiceDeps<unknown>['logger']
}

/** Officers see what could not be handled, and have it handled again once the cause is mended. */
@Controller('v1')
export class ParkedController {
  constructor(@Inject(PARKED) private readonly parked: Parked) {}

  @Get('parked')
  list(@Headers('authorization') key: string | undefined): Promise<ParkedKeys> {
    this.parked.keys.require(key, 'parked:read')
    return this.parked.messages.list()
  }

  @Post('parked\\:redrive')
  async redrive(@Req() request: Request, @Res() response: Response): Promise<void> {
    const caller = this.parked.keys.require(request.headers.authorization, 'parked:redrive')
    const command = parseBody(redriveCommand, parseJson(await readBody(request, response)))
    const redriven = await this.parked.messages.redrive(command)
    this.parked.logger.info({ ...command, redriven, by: caller.name }, 'parked messages were handled again')
    response.status(200).json({ redriven })
  }
}
