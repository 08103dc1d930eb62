import { Controller, Get, Inject, Injectable } from '@nestjs/common'
import type { IdentityViews } from '../store/identity-views.js'
import { VIEWS } from './tokens.js'

const shownGaps = 500

@Injectable()
@Controller('v1/tenants')
export class TenantsController {
  constructor(@Inject(VIEWS) private readonly views: IdentityViews) {}

  /** Who asked without being known: what an operator has to register. */
  @Get('gaps')
  async gaps() {
    return { items: await this.views.tenantGaps(shownGaps) }
  }
}
