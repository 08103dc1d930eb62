import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { EventType } from '@weir/contracts'
import type { Received, UnitOfWork } from '@weir/messaging'
import type { RecordCommand, RecordEntries } from '../use-cases/record-entries.js'

export const RECORD_ENTRIES = Symbol('record entries')

type OtherKind = Exclude<RecordCommand['recordable']['kind'], 'decision'>

@Controller()
export class RecordEventsController {
  constructor(@Inject(RECORD_ENTRIES) private readonly entries: RecordEntries) {}

  @EventPattern<string>('weir.decision.made.v1')
  async onDecision(@Payload() events: Received<'weir.decision.made.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.entries.record(
      unit,
      events.map((event) => ({
        recordable: {
          kind: 'decision',
          requestId: event.data.requestId,
          revision: event.data.revision,
          sections: event.data.sections,
        },
        key: event.key,
        cause: event,
      })),
    )
  }

  @EventPattern<string>('weir.policy.activated.v1')
  async onPolicy(@Payload() events: Received<'weir.policy.activated.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.entries.record(unit, events.map(other('policy')))
  }

  @EventPattern<string>('weir.case.resolved.v1')
  async onCase(@Payload() events: Received<'weir.case.resolved.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.entries.record(unit, events.map(other('case')))
  }

  @EventPattern<string>('weir.license.registered.v1')
  async onLicense(@Payload() events: Received<'weir.license.registered.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.entries.record(unit, events.map(other('license')))
  }

  @EventPattern<string>('weir.report.released.v1')
  async onReport(@Payload() events: Received<'weir.report.released.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.entries.record(unit, events.map(other('report')))
  }
}

const other =
  (kind: OtherKind) =>
  (event: Received<EventType>): RecordCommand => ({
    recordable: { kind, eventId: event.id, subject: event.subject.slice(0, 200), body: event.data },
    key: event.key,
    cause: event,
  })
