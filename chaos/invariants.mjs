// What the client, the topics, the log and the answers say, held against each other. Pure: facts in, findings out.
import { canonicalJson } from '@weir/kernel'
import { sectionDigest } from '@weir/ledger-verifier'
import { sha256 } from './checker-log.mjs'

const MADE = 'weir.decision.made.v1'
const REQUESTED = 'weir.provisioning.requested.v1'
const RECORDED = 'weir.entry.recorded.v1'
const NOT_BUILT = { I8: 'webhooks', I13: 'row isolation' }

export const names = {
  I1: 'exactly one current decision per accepted request, revisions dense',
  I2: 'no decision without an accepted request',
  I3: 'every decision recorded exactly once, the same bytes',
  I4: 'dense indices, every checkpoint of one log',
  I5: 'balance never below zero, none drawn twice',
  I6: 'order per customer',
  I7: 'same key and body, same request; other body, refused',
  I8: 'webhooks',
  I9: 'parked + processed = received',
  I10: 'no message skipped, none handled twice',
  I11: 'the outbox drains',
  I12: 'cases open and closed as they should be, in time',
  I13: 'row isolation',
  I14: 'all services ready again',
  R: 'no answer before its receipt',
}

/** `facts`: { journal, records, log, answers, depths, ready, cases }; findings by invariant, each a sentence. */
export function evaluate(facts) {
  const found = Object.fromEntries(Object.keys(names).map((id) => [id, []]))
  const world = worldOf(facts)
  for (const check of [decided, asked, recorded, balances, order, repeats, processed, held, answered]) check(world, found)
  found.I4.push(...facts.log.forks())
  for (const [service, depth] of Object.entries(facts.depths))
    if (depth !== 0) found.I11.push(`${service}: ${depth ?? 'no'} events not published`)
  for (const [service, why] of Object.entries(facts.ready)) if (why !== undefined) found.I14.push(`${service}: ${why}`)
  return Object.entries(found).map(([id, problems]) => ({
    id,
    name: names[id],
    state: id in NOT_BUILT ? 'not built' : problems.length === 0 ? 'held' : 'broken',
    count: problems.length,
    examples: problems.slice(0, 3),
  }))
}

function worldOf(facts) {
  const sent = new Map()
  const [licenses, repeated, reused] = [new Map(), [], []]
  for (const entry of facts.journal) {
    if (entry.kind === 'sent') sent.set(entry.name, { ...entry })
    else if (entry.kind === 'told') Object.assign(sent.get(entry.name), { told: entry })
    else if (entry.kind === 'license') licenses.set(entry.licenseId, entry.quantity)
    else if (entry.kind === 'repeated') repeated.push(entry)
    else if (entry.kind === 'reused') reused.push(entry)
  }
  const events = new Map()
  const altered = []
  for (const record of facts.records) {
    if (record.topic.endsWith('.parked')) continue
    const name = `${record.topic}/${record.id}`
    const first = events.get(name)
    if (first === undefined) events.set(name, record)
    else if (first.digest !== record.digest) altered.push(`${record.type} ${record.id} has two contents`)
  }
  const of = (type) => [...events.values()].filter((record) => record.type === type)
  return { ...facts, sent, licenses, repeated, reused, altered, of, made: groupBy(of(MADE), ({ data }) => data.requestId) }
}

const groupBy = (items, keyOf) => Map.groupBy(items, keyOf)

function decided({ sent, made, answers }, found) {
  for (const { name, told, outcomes } of sent.values()) {
    if (told?.id === undefined) continue
    const decisions = made.get(told.id) ?? []
    const revisions = decisions.map(({ data }) => data.revision).sort((a, b) => a - b)
    if (revisions.length === 0) found.I1.push(`${name} (${told.id}) was accepted and never decided`)
    else if (!revisions.every((revision, n) => revision === n + 1)) found.I1.push(`${name}: revisions ${revisions.join()}`)
    const answer = answers.get(told.id)
    if (answer === undefined) found.I1.push(`${name} (${told.id}) was accepted and has no answer`)
    else if (answer.revision !== revisions.at(-1)) found.I1.push(`${name}: answers revision ${answer.revision} of ${revisions.at(-1)}`)
    else if (!outcomes.includes(answer.outcome))
      found.I10.push(`${name}: ${answer.outcome} (${answer.code}), could be ${outcomes.join(' or ')}`)
  }
}

function asked({ sent, of, made }, found) {
  const requested = of(REQUESTED)
  for (const [act, records] of groupBy(requested, ({ data }) => data.request.sourceEventId)) {
    const ids = new Set(records.map(({ data }) => data.requestId))
    const told = sent.get(act)?.told?.id
    if (ids.size > 1) found.I2.push(`${act} became ${ids.size} requests`)
    else if (told !== undefined && !ids.has(told)) found.I2.push(`${act} was accepted as ${told} and is another request in the topic`)
    if (!sent.has(act)) found.I2.push(`${act} was never asked`)
  }
  const known = new Set(requested.map(({ data }) => data.requestId))
  for (const id of made.keys()) if (!known.has(id)) found.I2.push(`${id} was decided and never asked`)
}

function recorded({ made, of, log, altered }, found) {
  const leaves = new Map()
  for (const [index, leaf] of log.entries.entries()) {
    const entry = JSON.parse(leaf.toString('utf8'))
    if (entry.request === undefined) continue
    const name = `${entry.request}/${entry.revision}`
    if (leaves.has(name)) found.I3.push(`${name} is in the log twice: ${leaves.get(name).index} and ${index}`)
    leaves.set(name, { index, entry, text: leaf.toString('utf8') })
  }
  for (const record of of(RECORDED)) {
    const { kind, index, entry, subjectId, revision } = record.data
    if (log.entries[index]?.toString('utf8') !== entry)
      found.I4.push(`${subjectId}/${revision ?? kind} is told at index ${index}, where the log has something else`)
  }
  for (const records of made.values())
    for (const { data } of records) {
      const leaf = leaves.get(`${data.requestId}/${data.revision}`)
      if (leaf === undefined) found.I3.push(`${data.requestId}/${data.revision} is not in the log`)
      else if (differs(leaf.entry, data)) found.I3.push(`${data.requestId}/${data.revision}: the log commits to another decision`)
    }
  found.I3.push(...altered)
}

const differs = ({ sections }, data) =>
  Object.entries(data.sections).some(([name, section]) => sectionDigest(name, section, { sha256, canonicalJson }) !== sections[name])

function balances({ licenses, of }, found) {
  const moves = ['reserved', 'consumed', 'released'].flatMap((kind) =>
    of(`weir.license.${kind}.v1`).map((record) => ({ kind, ...record.data })),
  )
  for (const [licenseId, quantity] of licenses) {
    const mine = moves.filter((move) => move.licenseId === licenseId)
    const sum = (kind) => mine.filter((move) => move.kind === kind).reduce((total, move) => total + move.quantity, 0)
    if (sum('reserved') - sum('released') > quantity)
      found.I5.push(`${licenseId}: ${sum('reserved') - sum('released')} drawn of ${quantity}`)
    const reservations = groupBy(mine, ({ reservationId }) => reservationId)
    for (const [id, all] of reservations) {
      const count = (kind) => all.filter((move) => move.kind === kind).length
      if (count('reserved') > 1 || count('released') + count('consumed') > 1) found.I5.push(`${licenseId}: reservation ${id} moved twice`)
    }
    const open = groupBy(
      [...reservations.values()].filter((all) => !all.some(({ kind }) => kind === 'released')),
      ([move]) => move.requestId,
    )
    for (const [request, held] of open) if (held.length > 1) found.I5.push(`${request} drew ${held.length} times on ${licenseId}`)
  }
}

/** What was answered before another was sent comes first; what is asked first is assessed first. */
function order({ of, sent }, found) {
  const asks = groupBy(of(REQUESTED), ({ key }) => key)
  for (const [key, records] of asks) {
    const places = new Map(records.map(({ data }, place) => [data.requestId, place]))
    let sentLatest = 0
    for (const { data } of records) {
      const one = sent.get(data.request.sourceEventId)
      if (one?.told?.id !== undefined && one.told.at < sentLatest)
        found.I6.push(`${key}: ${one.name} was answered before an ask was sent that stands before it`)
      sentLatest = Math.max(sentLatest, one?.at ?? 0)
    }
    for (const type of ['weir.identity.assessed.v1', 'weir.workload.classified.v1']) {
      let last = -1
      for (const { data } of of(type).filter((record) => record.key === key)) {
        const place = places.get(data.requestId) ?? -1
        if (place < last) found.I6.push(`${key}: ${type} of ${data.requestId} comes after that of a later ask`)
        last = Math.max(last, place)
      }
    }
  }
}

function repeats({ sent, repeated, reused }, found) {
  for (const { name, id } of repeated) if (id !== sent.get(name).told?.id) found.I7.push(`${name}: repeated, and became ${id}`)
  for (const { name, status } of reused) if (status !== 422) found.I7.push(`${name}: its key with another body was answered ${status}`)
  for (const { name, told } of sent.values())
    if (told?.refused !== undefined) found.I7.push(`${name} was refused with ${told.status}: ${told.refused}`)
}

/** One assessment of each kind for every ask, one answer for every recorded decision, unless it is parked. */
function processed({ of, records }, found) {
  const parked = new Set(records.filter(({ topic }) => topic.endsWith('.parked')).map(({ subject }) => subject))
  const asks = of(REQUESTED).map(({ data }) => `${data.requestId}/${data.ask}`)
  for (const type of ['weir.identity.assessed.v1', 'weir.workload.classified.v1']) {
    const done = groupBy(of(type), ({ data }) => `${data.requestId}/${data.ask}`)
    for (const ask of asks) {
      const count = done.get(ask)?.length ?? 0
      if (count === 0 && !parked.has(ask.split('/')[0])) found.I9.push(`${ask} was asked, has no ${type} and is not parked`)
      if (count > 1) found.I10.push(`${ask} has ${count} ${type}`)
    }
  }
  const told = new Set(of('weir.decision.answered.v1').map(({ data }) => `${data.id}/${data.revision}`))
  for (const { data } of of(RECORDED)) {
    const name = `${data.subjectId}/${data.revision}`
    if (data.kind === 'decision' && !told.has(name)) found.I9.push(`${name} was recorded and never answered`)
  }
  for (const subject of parked) found.I9.push(`${subject} was parked, and nothing that was sent is poison`)
}

/** A hold has an open case, everything else none. */
function held({ answers, cases }, found) {
  for (const [id, answer] of answers) {
    const open = answer.case !== undefined && cases.has(answer.case)
    if (answer.outcome === 'hold' && !open) found.I12.push(`${id} is held and has no open case`)
    if (answer.outcome !== 'hold' && open) found.I12.push(`${id} is decided and its case is open`)
  }
}

function answered({ sent, of, log }, found) {
  for (const { name, told } of sent.values())
    if (told?.status === 200 && log.proven(told.receipt) === undefined)
      found.R.push(`${name} was answered ${told.outcome} with a receipt that proves nothing`)
  for (const { data } of of('weir.decision.answered.v1')) {
    const index = log.proven(data.receipt)
    const entry = index === undefined ? undefined : JSON.parse(log.entries[index].toString('utf8'))
    if (entry?.request !== data.id || entry.revision !== data.revision)
      found.R.push(`${data.id}/${data.revision} was answered without its receipt`)
  }
}
