import { Controller, Inject, Injectable } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { Received, UnitOfWork } from '@weir/messaging'
import { assessedEvent } from '../outbound/identity-events.js'
import { assessAsks } from '../use-cases/assess-asks.js'
import type { Ask, Stores } from '../use-cases/ports.js'
import { STORES } from './tokens.js'

@Injectable()
@Controller()
export class ProvisioningController {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  @EventPattern<string>('weir.provisioning.requested.v1')
  async on(@Payload() events: Received<'weir.provisioning.requested.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    const answers = await assessAsks(this.stores, unit, events.map(askOf))
    for (const [index, event] of events.entries()) {
      const answer = answers[index]
      if (answer === undefined) throw new Error('an ask went without an answer')
      unit.emit(assessedEvent(answer, { at: unit.now, cause: { id: event.id, traceparent: event.traceparent } }))
    }
  }
}

// The tenant decides, not the customer that the gateway names: the gateway's copy may be older than ours.
const askOf = (event: Received<'weir.provisioning.requested.v1'>): Ask => {
  const { requestId, ask, request } = event.data
  return { requestId, ask, key: event.key, tenant: request.tenantRef }
}
