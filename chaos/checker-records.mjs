// Of every event, what the invariants need: by type, each id once, and which ids came with two contents.
import { createHash } from 'node:crypto'
import { canonicalJson } from '@weir/kernel'
import { sectionDigest } from '@weir/ledger-verifier'
import { sha256 } from './checker-log.mjs'

export const MADE = 'weir.decision.made.v1'
export const REQUESTED = 'weir.provisioning.requested.v1'
export const RECORDED = 'weir.entry.recorded.v1'
export const ANSWERED = 'weir.decision.answered.v1'
export const ASSESSED = 'weir.identity.assessed.v1'
export const CLASSIFIED = 'weir.workload.classified.v1'

const digestsOf = (sections) =>
  Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, sectionDigest(name, section, { sha256, canonicalJson })]))
const moved = ({ licenseId, quantity, reservationId, requestId }) => ({ licenseId, quantity, reservationId, requestId })
const assessed = ({ requestId, ask }) => ({ requestId, ask })

const wanted = {
  [REQUESTED]: ({ requestId, ask, request }) => ({ requestId, ask, sourceEventId: request.sourceEventId }),
  [ASSESSED]: assessed,
  [CLASSIFIED]: assessed,
  [MADE]: ({ requestId, revision, decidedAt, sections }) => ({
    requestId,
    revision,
    decidedAt: Date.parse(decidedAt),
    outcome: sections.outcome.value.outcome,
    digests: digestsOf(sections),
  }),
  [RECORDED]: ({ kind, index, entry, subjectId, revision }) => ({ kind, index, entry: hexOf(entry), subjectId, revision }),
  [ANSWERED]: ({ id, revision, outcome, receipt }) => ({ id, revision, outcome, receipt }),
  'weir.license.reserved.v1': moved,
  'weir.license.consumed.v1': moved,
  'weir.license.released.v1': moved,
}

export const hexOf = (text) => createHash('sha256').update(text).digest('hex')

export function openRecords() {
  const seen = new Map()
  const byType = new Map()
  const [altered, parked] = [[], new Set()]
  const add = ({ topic, key, headers, value }) => {
    const { ce_id: id, ce_type: type, ce_subject: subject } = headers
    if (topic.endsWith('.parked')) {
      parked.add(subject)
      return
    }
    const digest = hexOf(JSON.stringify([key, Object.entries(headers).sort(), value]))
    const name = `${topic}/${id}`
    const before = seen.get(name)
    if (before !== undefined) {
      if (before !== digest) altered.push(`${type} ${id} has two contents`)
      return
    }
    seen.set(name, digest)
    const slim = wanted[type]
    if (slim === undefined) return
    if (!byType.has(type)) byType.set(type, [])
    byType.get(type).push({ key, ...slim(JSON.parse(value)) })
  }
  return { add, altered, parked, of: (type) => byType.get(type) ?? [] }
}
