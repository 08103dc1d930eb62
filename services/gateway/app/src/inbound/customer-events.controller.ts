import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { Received, UnitOfWork } from '@weir/messaging'
import type { LearnCustomers } from '../use-cases/learn-customers.js'

export const LEARN_CUSTOMERS = Symbol('learn customers')

@Controller()
export class CustomerEventsController {
  constructor(@Inject(LEARN_CUSTOMERS) private readonly customers: LearnCustomers) {}

  @EventPattern<string>('weir.customer.registered.v1')
  async onRegistered(@Payload() events: Received<'weir.customer.registered.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.customers.learn(
      unit,
      events.map((event) => event.data),
    )
  }

  @EventPattern<string>('weir.customer.changed.v1')
  async onChanged(@Payload() events: Received<'weir.customer.changed.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.customers.learn(
      unit,
      events.map((event) => event.data),
    )
  }
}
