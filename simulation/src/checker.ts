import { catalog, type EventData, type EventType } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
import type { Message } from './engine/topics.js'
import { activeOf } from './stores/adjudication-stores.js'
import { checkLedger } from './check-ledger.js'
import { newestOf } from './stores/classification-stores.js'
import type { World } from './world.js'

export type Invariant =
  | 'I1 every accepted request has exactly one current decision'
  | 'I2 no decision without an accepted request'
  | 'I3 every decision is recorded exactly once, with the same bytes'
  | 'I4 the log is dense and consistent'
  | 'I5 a license balance is its quantity less what is drawn, never below zero'
  | 'I6 order per customer'
  | 'I7 the same act is the same request'
  | 'I8 answered only after its receipt, and only what was recorded'
  | 'I9 every event is handled once, or waits where it was set aside'
  | 'I10 a position moves forward only, over every message'
  | 'I11 what was committed is published, and nothing else'
  | 'I12 what is late is held, and decided again when the facts come'
  | 'I14 everything comes to rest by itself'
  | 'U unknown is never approved'

export interface Violation {
  readonly invariant: Invariant
  readonly detail: string
}

/** What the checker may look at: logs, committed rows and what clients were told; no plan, no fault, no plant. */
export class Findings {
  readonly violations: Violation[] = []

  expect(holds: boolean, invariant: Invariant, detail: () => string): void {
    if (!holds && this.violations.length < 20) this.violations.push({ invariant, detail: detail() })
  }
}

export type Made = EventData<'weir.decision.made.v1'>
export type Answered = EventData<'weir.decision.answered.v1'>

export const eventsOf = <T extends EventType>(world: World, type: T): (Message & { readonly data: EventData<T> })[] =>
  world.topics.of(catalog[type].topic).filter((message): message is Message & { readonly data: EventData<T> } => message.type === type)

export function checkWorld(world: World): readonly Violation[] {
  const findings = new Findings()
  for (const broken of world.history.broken) findings.expect(false, 'I14 everything comes to rest by itself', () => broken)
  checkRequests(world, findings)
  checkLedger(world, findings)
  checkLicenses(world, findings)
  checkFacts(world, findings)
  checkAnswers(world, findings)
  checkDelivery(world, findings)
  checkOutboxes(world, findings)
  return findings.violations
}

function checkRequests(world: World, findings: Findings): void {
  const { gateway, adjudication } = world.services
  const I1 = 'I1 every accepted request has exactly one current decision'
  for (const [act, ids] of world.history.replies) {
    findings.expect(ids.size === 1, 'I7 the same act is the same request', () => `${act}: ${[...ids].join()}`)
    for (const id of ids) findings.expect(gateway.tables.requests.committed.has(id), I1, () => `${id} was accepted and is gone`)
  }
  for (const { id } of gateway.tables.requests.committed.values()) {
    const rows = adjudication.tables.decisions.committed.get(id) ?? []
    findings.expect(rows.filter(({ current }) => current).length === 1, I1, () => `${id} has ${rows.length} revisions, not one current`)
    const revisions = rows.map(({ decision }) => decision.revision).sort((a, b) => a - b)
    findings.expect(
      revisions.every((revision, n) => revision === n + 1),
      I1,
      () => `revisions of ${id} are ${revisions.join()}`,
    )
    checkLate(world, findings, id)
  }
  for (const id of adjudication.tables.decisions.committed.keys()) {
    const known = gateway.tables.requests.committed.has(id)
    findings.expect(known, 'I2 no decision without an accepted request', () => `${id} was never accepted`)
  }
}

function checkLate(world: World, findings: Findings, id: string): void {
  const I12 = 'I12 what is late is held, and decided again when the facts come'
  const { tables } = world.services.adjudication
  for (const { decision, current } of tables.decisions.committed.get(id) ?? []) {
    if (!decision.late) continue
    findings.expect(decision.verdict.outcome === 'hold', I12, () => `late ${id}/${decision.revision} is ${decision.verdict.outcome}`)
    const ended = (tables.requests.committed.get(id)?.endedAsk ?? 0) >= decision.ask.ask
    findings.expect(!current || ended, I12, () => `${id} is late still, though its facts came`)
  }
  for (const { ask, deadline } of tables.asks.committed.get(id) ?? []) {
    findings.expect(deadline === undefined || deadline > world.now, I12, () => `${id}/${ask} is past its deadline, undecided`)
  }
}

function checkLicenses(world: World, findings: Findings): void {
  const I5 = 'I5 a license balance is its quantity less what is drawn, never below zero'
  const { tables } = world.services.adjudication
  const reservations = [...tables.reservations.committed.values()].flat()
  for (const { licenseId, quantity, available } of tables.licenses.committed.values()) {
    const drawn = reservations
      .filter((row) => row.licenseId === licenseId && row.state !== 'released')
      .reduce((sum, row) => sum + row.quantity, 0)
    findings.expect(available >= 0 && available === quantity - drawn, I5, () => `${licenseId}: ${available} of ${quantity}, ${drawn} drawn`)
  }
  for (const [requestId, rows] of tables.reservations.committed) {
    const open = activeOf(rows).filter(({ state }) => state === 'reserved')
    findings.expect(open.length <= 1, I5, () => `${requestId} draws ${open.length} times`)
  }
  for (const type of ['weir.license.reserved.v1', 'weir.license.released.v1'] as const) {
    for (const { data } of eventsOf(world, type)) {
      const quantity = tables.licenses.committed.get(data.licenseId)?.quantity ?? -1
      findings.expect(data.available >= 0 && data.available <= quantity, I5, () => `${data.licenseId} had ${data.available} of ${quantity}`)
    }
  }
}

/** What adjudication rests on is what the owners of the facts said last, and revisions come in their order. */
function checkFacts(world: World, findings: Findings): void {
  const I6 = 'I6 order per customer'
  const { identity, classification, adjudication, gateway } = world.services
  for (const [id, asks] of adjudication.tables.asks.committed) {
    const newest = gateway.tables.requests.committed.get(id)?.ask
    const row = asks.find(({ ask }) => ask === newest)
    findings.expect(row?.requested !== undefined, I6, () => `ask ${newest} of ${id} did not arrive`)
    const assessed = identity.tables.asks.committed.get(id)
    const [said, meant] = [row?.identity, assessed?.assessment]
    const rests = sameJson(said?.subject, meant?.subject) && sameJson(said?.hits, meant?.hits) && sameJson(said?.redFlags, meant?.redFlags)
    findings.expect(rests, I6, () => `${id} rests on an identity that was overtaken`)
    const verdict = newestOf(classification.tables.asks.committed.get(id) ?? [])?.verdict
    const same = row?.workload?.resolution === verdict?.resolution && sameJson(row?.workload?.accelerators, verdict?.accelerators)
    findings.expect(same, I6, () => `${id} rests on a workload that was overtaken`)
  }
  const last = new Map<string, number>()
  const seen = new Set<string>()
  for (const { id, data } of eventsOf(world, 'weir.decision.made.v1')) {
    if (seen.has(id)) continue
    seen.add(id)
    const before = last.get(data.requestId) ?? 0
    findings.expect(data.revision > before, I6, () => `${data.requestId}: revision ${data.revision} after ${before}`)
    last.set(data.requestId, data.revision)
  }
}

const sameJson = (a: unknown, b: unknown): boolean => a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null)

function checkAnswers(world: World, findings: Findings): void {
  const I8 = 'I8 answered only after its receipt, and only what was recorded'
  const { adjudication, ledger } = world.services
  const answered = new Set<string>()
  for (const { data } of eventsOf(world, 'weir.decision.answered.v1')) {
    const name = `${data.id}/${data.revision}`
    answered.add(name)
    const recorded = world.history.recorded.get(name)
    const at = world.history.answered.get(name)
    findings.expect(recorded !== undefined && at !== undefined && at > recorded, I8, () => `${name} was answered before it was recorded`)
    const entry = ledger.tables.entries.committed.get(`decision\n${data.id}\n${data.revision}`)
    findings.expect(entry?.receipt === data.receipt, I8, () => `${name} left with a receipt that the ledger did not give`)
    const row = adjudication.tables.decisions.committed.get(data.id)?.find(({ decision }) => decision.revision === data.revision)
    findings.expect(row?.decision.verdict.outcome === data.outcome, I8, () => `${name} was answered ${data.outcome}`)
  }
  for (const [id, rows] of adjudication.tables.decisions.committed) {
    for (const { decision } of rows) {
      const name = `${id}/${decision.revision}`
      findings.expect(answered.has(name), 'I1 every accepted request has exactly one current decision', () => `${name} is not answered`)
      const { outcome } = decision.verdict
      const { identity, workload, requested } = decision.ask
      const unknown = identity?.subject.state !== 'known' || workload === undefined || workload.resolution === 'unknown'
      const approved = outcome === 'approve' && requested.request.action !== 'delete'
      findings.expect(!(unknown && approved), 'U unknown is never approved', () => `${name} was approved`)
    }
  }
}

function checkDelivery(world: World, findings: Findings): void {
  const { passed, handled } = world.history
  const at = new Map<string, number>()
  for (const { service, place, from, to } of passed) {
    const name = `${service} ${place}`
    const before = at.get(name) ?? 0
    const forward = from <= before && to >= before
    findings.expect(forward, 'I10 a position moves forward only, over every message', () => `${name}: from ${before} to ${from}..${to}`)
    at.set(name, to)
  }
  const I9 = 'I9 every event is handled once, or waits where it was set aside'
  for (const process of Object.values(world.processes)) {
    const { spec, places } = process
    const times = handled.get(spec.name)
    for (const { topic, partition, place } of places) {
      const log = world.topics.log(topic, partition)
      const end = at.get(`${spec.name} ${place}`) ?? 0
      findings.expect(
        end === log.length,
        'I10 a position moves forward only, over every message',
        () => `${spec.name} ${place}: ${end} of ${log.length}`,
      )
      for (const { id, type } of log) {
        if (spec.handlers[type] === undefined) continue
        findings.expect(times?.get(id) === 1, I9, () => `${spec.name} handled ${times?.get(id) ?? 0} times: ${id}`)
      }
    }
  }
}

function checkOutboxes(world: World, findings: Findings): void {
  const I11 = 'I11 what was committed is published, and nothing else'
  const published = new Map([...world.history.written.keys()].map((source) => [source, new Set<number>()]))
  for (const { source, seq, id, type, subject } of world.topics.all) {
    if (source === '/liar') continue
    const row = world.history.written.get(source)?.get(seq)
    findings.expect(row?.id === id, I11, () => `${type} ${subject} was never committed`)
    published.get(source)?.add(seq)
  }
  for (const [source, rows] of world.history.written) {
    for (const [seq, { type }] of rows)
      findings.expect(published.get(source)?.has(seq) === true, I11, () => `${source} ${seq} (${type}) is not published`)
  }
  for (const { spec, outbox } of Object.values(world.processes)) {
    findings.expect(outbox.rows.committed.size === 0, I11, () => `${outbox.rows.committed.size} rows of ${spec.name} wait`)
  }
}
