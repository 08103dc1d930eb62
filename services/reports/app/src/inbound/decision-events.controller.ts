import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { Received, UnitOfWork } from '@weir/messaging'
import type { DecisionStore } from '../store/decision-store.js'

export const DECISIONS = Symbol('decisions')

@Controller()
export class DecisionEventsController {
  constructor(@Inject(DECISIONS) private readonly decisions: DecisionStore) {}

  @EventPattern<string>('weir.decision.made.v1')
  async onDecision(@Payload() events: Received<'weir.decision.made.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.decisions.saveDecisions(
      unit.tx,
      events.map((event) => event.data),
    )
  }

  @EventPattern<string>('weir.entry.recorded.v1')
  async onRecorded(@Payload() events: Received<'weir.entry.recorded.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.decisions.saveEntries(
      unit.tx,
      events.map((event) => event.data),
    )
  }
}
