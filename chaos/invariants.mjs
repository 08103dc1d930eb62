// What the client, the topics, the log and the answers say, held against each other. Facts in, findings out.
import { ANSWERED, ASSESSED, CLASSIFIED, MADE, RECORDED, REQUESTED } from './checker-records.mjs'

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
  I12: 'holds have an open case, what officers ended stays ended',
  I13: 'row isolation',
  I14: 'all services ready again',
  R: 'no answer before its receipt, none but what was decided',
}

/** `facts`: { journal, records, log, answers, depths, ready, cases }; findings by invariant, each a sentence. */
export function evaluate(facts) {
  const found = Object.fromEntries(Object.keys(names).map((id) => [id, []]))
  const world = { ...facts, ...facts.journal, of: facts.records.of, made: groupBy(facts.records.of(MADE), ({ requestId }) => requestId) }
  for (const check of [decided, asked, recorded, balances, order, repeats, processed, reported, held, answered]) check(world, found)
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

const groupBy = (items, keyOf) => Map.groupBy(items, keyOf)
const last = (decisions) => decisions.reduce((a, b) => (a.revision > b.revision ? a : b))

function decided({ sent, made, answers, cases }, found) {
  for (const { name, told, outcomes } of sent.values()) {
    if (told?.id === undefined) continue
    const decisions = made.get(told.id)
    if (decisions === undefined) {
      found.I1.push(`${name} (${told.id}) was accepted and never decided`)
      continue
    }
    const revisions = decisions.map(({ revision }) => revision).sort((a, b) => a - b)
    if (!revisions.every((revision, n) => revision === n + 1)) found.I1.push(`${name}: revisions ${revisions.join()}`)
    const answer = answers.get(told.id)
    const could = cases.get(name)?.outcomes ?? outcomes
    if (answer === undefined) found.I1.push(`${name} (${told.id}) was accepted and has no answer`)
    else if (answer.revision !== revisions.at(-1)) found.I1.push(`${name}: answers revision ${answer.revision} of ${revisions.at(-1)}`)
    else if (answer.outcome !== last(decisions).outcome)
      found.I1.push(`${name}: answers ${answer.outcome}, was decided ${last(decisions).outcome}`)
    else if (!could.includes(answer.outcome)) found.I10.push(`${name}: ${answer.outcome} (${answer.code}), could be ${could.join(' or ')}`)
  }
}

function asked({ sent, of, made }, found) {
  const requested = of(REQUESTED)
  for (const [act, records] of groupBy(requested, ({ sourceEventId }) => sourceEventId)) {
    const ids = new Set(records.map(({ requestId }) => requestId))
    const told = sent.get(act)?.told?.id
    if (ids.size > 1) found.I2.push(`${act} became ${ids.size} requests`)
    else if (told !== undefined && !ids.has(told)) found.I2.push(`${act} was accepted as ${told} and is another request in the topic`)
    if (!sent.has(act)) found.I2.push(`${act} was never asked`)
  }
  const known = new Set(requested.map(({ requestId }) => requestId))
  for (const id of made.keys()) if (!known.has(id)) found.I2.push(`${id} was decided and never asked`)
}

function recorded({ made, of, log, records }, found) {
  found.I3.push(...log.twice, ...records.altered)
  for (const { kind, index, entry, subjectId, revision } of of(RECORDED)) {
    if (log.hashes[index] !== entry)
      found.I4.push(`${subjectId}/${revision ?? kind} is told at index ${index}, where the log has something else`)
  }
  for (const decisions of made.values())
    for (const { requestId, revision, digests } of decisions) {
      const leaf = log.decisions.get(`${requestId}/${revision}`)
      if (leaf === undefined) found.I3.push(`${requestId}/${revision} is not in the log`)
      else if (Object.entries(digests).some(([name, digest]) => leaf.sections[name] !== digest))
        found.I3.push(`${requestId}/${revision}: the log commits to another decision`)
    }
}

function balances({ licenses, of }, found) {
  const moves = ['reserved', 'consumed', 'released'].flatMap((kind) => of(`weir.license.${kind}.v1`).map((record) => ({ kind, ...record })))
  for (const [licenseId, mine] of groupBy(moves, (move) => move.licenseId)) {
    const quantity = licenses.get(licenseId) ?? 0
    const sum = (kind) => mine.filter((move) => move.kind === kind).reduce((total, move) => total + move.quantity, 0)
    const drawn = sum('reserved') - sum('released')
    if (drawn > quantity) found.I5.push(`${licenseId}: ${drawn} drawn of ${quantity}`)
    if (drawn < 0) found.I5.push(`${licenseId}: ${-drawn} more given back than drawn`)
    const reservations = groupBy(mine, ({ reservationId }) => reservationId)
    for (const [id, all] of reservations) {
      const count = (kind) => all.filter((move) => move.kind === kind).length
      if (count('reserved') > 1 || count('released') + count('consumed') > 1) found.I5.push(`${licenseId}: reservation ${id} moved twice`)
    }
    const open = groupBy(
      [...reservations.values()].filter((all) => !all.some(({ kind }) => kind === 'released')),
      ([move]) => move.requestId,
    )
    for (const [request, reserved] of open)
      if (reserved.length > 1) found.I5.push(`${request} drew ${reserved.length} times on ${licenseId}`)
  }
}

/** What was answered before another was sent comes first; what is asked first is assessed first. */
function order({ of, sent }, found) {
  const assessments = [ASSESSED, CLASSIFIED].map((type) => [type, groupBy(of(type), ({ key }) => key)])
  for (const [key, records] of groupBy(of(REQUESTED), (record) => record.key)) {
    const places = new Map(records.map(({ requestId }, place) => [requestId, place]))
    let sentLatest = 0
    for (const { sourceEventId } of records) {
      const one = sent.get(sourceEventId)
      if (one?.told?.id !== undefined && one.told.at < sentLatest)
        found.I6.push(`${key}: ${one.name} was answered before an ask was sent that stands before it`)
      sentLatest = Math.max(sentLatest, one?.at ?? 0)
    }
    for (const [type, byKey] of assessments) {
      let highest = -1
      for (const { requestId } of byKey.get(key) ?? []) {
        const place = places.get(requestId) ?? -1
        if (place < highest) found.I6.push(`${key}: ${type} of ${requestId} comes after that of a later ask`)
        highest = Math.max(highest, place)
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
function processed({ of, records: { parked } }, found) {
  const asks = of(REQUESTED).map(({ requestId, ask }) => ({ requestId, name: `${requestId}/${ask}` }))
  for (const type of [ASSESSED, CLASSIFIED]) {
    const done = groupBy(of(type), ({ requestId, ask }) => `${requestId}/${ask}`)
    for (const { requestId, name } of asks) {
      const count = done.get(name)?.length ?? 0
      if (count === 0 && !parked.has(requestId)) found.I9.push(`${name} was asked, has no ${type} and is not parked`)
      if (count > 1) found.I10.push(`${name} has ${count} ${type}`)
    }
  }
  const told = new Set(of(ANSWERED).map(({ id, revision }) => `${id}/${revision}`))
  for (const { kind, subjectId, revision } of of(RECORDED)) {
    const name = `${subjectId}/${revision}`
    if (kind === 'decision' && !told.has(name)) found.I9.push(`${name} was recorded and never answered`)
  }
  for (const subject of parked) found.I9.push(`${subject} was parked, and nothing that was sent is poison`)
}

/** A report holds every decision of its interval that somebody was answered before it was asked for, and none that was never made. */
function reported({ reports, sent, made }, found) {
  if (reports.length === 0) return
  const answeredAt = new Map()
  for (const { told } of sent.values()) if (told?.status === 200) answeredAt.set(`${told.id}/${told.revision}`, told.at)
  const all = [...made.values()].flat().sort((a, b) => a.decidedAt - b.decidedAt)
  for (const { reportId, from, to, asked, decisions } of reports) {
    const there = all.filter(({ decidedAt }) => decidedAt >= from && decidedAt < to)
    const owed = there.filter(({ requestId, revision }) => answeredAt.get(`${requestId}/${revision}`) < asked).length
    if (decisions < owed) found.I10.push(`report ${reportId} holds ${decisions} decisions, ${owed} of its interval were answered before`)
    if (decisions > there.length) found.I10.push(`report ${reportId} holds ${decisions} decisions, ${there.length} were made`)
  }
}

function held({ sent, answers, cases, caseStates }, found) {
  for (const [id, answer] of answers) {
    const state = caseStates.get(answer.case)?.state
    if (answer.outcome === 'hold' && state !== 'open') found.I12.push(`${id} is held and its case is ${state ?? 'not there'}`)
    if (answer.outcome !== 'hold' && state === 'open') found.I12.push(`${id} is decided and its case is open`)
  }
  for (const { name, caseId, outcomes, sure } of cases.values()) {
    const ended = caseStates.get(caseId)
    if (sure && !outcomes.includes(ended?.resolution))
      found.I12.push(`${name}: officers ended case ${caseId} with ${outcomes.join()}, it is ${ended?.resolution ?? ended?.state}`)
    if (sure && answers.get(sent.get(name).told.id)?.outcome === 'hold') found.I12.push(`${name}: officers ended its case, it is held`)
  }
}

/** What was proven once is not looked at again. */
function proves(one, { log, name }) {
  if (one.proven === undefined) {
    one.proven = log.proven(one.receipt)
    if (one.proven !== undefined) delete one.receipt
  }
  return one.proven === name
}

function answered({ sent, of, log, made }, found) {
  for (const { name, told } of sent.values()) {
    if (told?.status !== 200) continue
    if (!proves(told, { log, name: `${told.id}/${told.revision}` }))
      found.R.push(`${name} was answered ${told.outcome} without its receipt`)
    const decision = made.get(told.id)?.find(({ revision }) => revision === told.revision)
    if (decision?.outcome !== told.outcome) found.R.push(`${name} was answered ${told.outcome} and decided ${decision?.outcome}`)
  }
  for (const one of of(ANSWERED)) {
    const name = `${one.id}/${one.revision}`
    if (!proves(one, { log, name })) found.R.push(`${name} was answered without its receipt`)
    const decision = made.get(one.id)?.find(({ revision }) => revision === one.revision)
    if (decision?.outcome !== one.outcome) found.R.push(`${name} was answered ${one.outcome} and decided ${decision?.outcome}`)
  }
}
