import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { Received, UnitOfWork } from '@weir/messaging'
import type { Adjudication } from '../adjudication.js'
import { ADJUDICATION } from '../tokens.js'
import { emitChanges } from '../outbound/emit-changes.js'

/** The parts that this needs, by their ports. */
export interface FactsParts extends Pick<Adjudication, 'deadlineMs' | 'decide' | 'endActs' | 'making'> {
  readonly requests: Pick<Adjudication['requests'], 'lock'>
  readonly facts: Pick<Adjudication['facts'], 'saveAsks' | 'saveIdentity' | 'saveWorkload' | 'markStarted' | 'markEnded'>
}

type Facts<T> = readonly { readonly id: string; readonly key: string; readonly traceparent?: string; readonly data: T }[]

/** What the gateway, identity and classification say about requests. */
@Controller()
export class FactsController {
  readonly #parts: FactsParts

  constructor(@Inject(ADJUDICATION) parts: FactsParts) {
    this.#parts = parts
  }

  @EventPattern<string>('weir.provisioning.requested.v1')
  async onRequested(@Payload() events: readonly Received<'weir.provisioning.requested.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    const deadline = new Date(unit.now.getTime() + this.#parts.deadlineMs)
    await this.#take(unit, events, () => this.#parts.facts.saveAsks(unit.tx, events, deadline))
  }

  @EventPattern<string>('weir.identity.assessed.v1')
  async onAssessed(@Payload() events: readonly Received<'weir.identity.assessed.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#take(unit, events, () => this.#parts.facts.saveIdentity(unit.tx, events))
  }

  @EventPattern<string>('weir.identity.reassessed.v1')
  async onReassessed(@Payload() events: readonly Received<'weir.identity.reassessed.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#take(unit, events, () => this.#parts.facts.saveIdentity(unit.tx, events))
  }

  @EventPattern<string>('weir.workload.classified.v1')
  async onClassified(@Payload() events: readonly Received<'weir.workload.classified.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#take(unit, events, () => this.#parts.facts.saveWorkload(unit.tx, events))
  }

  @EventPattern<string>('weir.workload.reclassified.v1')
  async onReclassified(@Payload() events: readonly Received<'weir.workload.reclassified.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#take(unit, events, () => this.#parts.facts.saveWorkload(unit.tx, events))
  }

  @EventPattern<string>('weir.provisioning.started.v1')
  async onStarted(@Payload() events: readonly Received<'weir.provisioning.started.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#end(unit, events, 'consumed')
  }

  @EventPattern<string>('weir.provisioning.failed.v1')
  async onFailed(@Payload() events: readonly Received<'weir.provisioning.failed.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#end(unit, events, 'released')
  }

  @EventPattern<string>('weir.provisioning.released.v1')
  async onReleased(@Payload() events: readonly Received<'weir.provisioning.released.v1'>[], @Ctx() unit: UnitOfWork): Promise<void> {
    await this.#end(unit, events, 'released')
  }

  /** Locks before it saves: of two transactions that bring the halves of a join, the second one sees both. */
  async #take(unit: UnitOfWork, events: Facts<{ readonly requestId: string }>, save: () => Promise<void>): Promise<void> {
    const ids = idsOf(events)
    await this.#parts.requests.lock(unit.tx, ids)
    await save()
    const causes = new Map(events.map((event) => [event.data.requestId, { id: event.id, traceparent: event.traceparent }]))
    const changes = await this.#parts.decide.run(unit.tx, ids, { now: unit.now, causes })
    emitChanges(unit, changes, this.#parts.making(unit.now))
  }

  async #end(unit: UnitOfWork, events: Facts<{ readonly requestId: string }>, how: 'consumed' | 'released'): Promise<void> {
    const ids = idsOf(events)
    const { requests, facts, endActs } = this.#parts
    await requests.lock(unit.tx, ids)
    const told = new Map(
      events.map((event) => [event.data.requestId, { key: event.key, cause: { id: event.id, traceparent: event.traceparent } }]),
    )
    const changes = await endActs.run(unit.tx, told, { how, now: unit.now })
    await (how === 'consumed' ? facts.markStarted(unit.tx, ids) : facts.markEnded(unit.tx, ids))
    emitChanges(unit, changes, this.#parts.making(unit.now))
  }
}

const idsOf = (events: Facts<{ readonly requestId: string }>): readonly string[] => [
  ...new Set(events.map((event) => event.data.requestId)),
]
