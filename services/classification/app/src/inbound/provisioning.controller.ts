import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { Received, UnitOfWork } from '@weir/messaging'
import { toWorkloadClassified } from '../outbound/to-workload-classified.js'
import { ClassifyAsks } from '../use-cases/classify-asks.js'
import { toFacts } from './to-facts.js'

@Controller()
export class ProvisioningController {
  readonly #classify: ClassifyAsks

  constructor(@Inject(ClassifyAsks) classify: ClassifyAsks) {
    this.#classify = classify
  }

  @EventPattern<string>('weir.provisioning.requested.v1')
  async onRequested(@Payload() events: readonly Received<'weir.provisioning.requested.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    const asks = events.map(({ key, data }) => ({ requestId: data.requestId, ask: data.ask, key, facts: toFacts(data) }))
    const classified = await this.#classify.run(unit.tx, asks, unit.now)
    classified.forEach((answer, index) => {
      const cause = events[index]
      if (!cause) return
      unit.emit({
        type: 'weir.workload.classified.v1',
        subject: answer.ask.requestId,
        key: cause.key,
        data: toWorkloadClassified(answer, unit.now),
        cause: { id: cause.id, traceparent: cause.traceparent },
      })
    })
  }
}
