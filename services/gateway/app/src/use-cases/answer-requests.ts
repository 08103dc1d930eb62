import type { Answer } from '@weir/contracts'
import { planted, type UnitOfWork } from '@weir/messaging'
import type { AnswerStore, ReceiptChecker, Revision, RevisionPart } from './ports.js'

/** An answer as it leaves the gate. */
export interface AnsweredRevision {
  readonly answer: Answer
  /** the leaf that its receipt proves */
  readonly entry: string
  readonly index: number
  readonly ask: number
}

/** Hears of answers that this process has committed, for those who wait in it. */
export interface AnswerListener {
  answered(answered: AnsweredRevision): void
}

export interface AnswerDeps {
  readonly answers: AnswerStore
  readonly receipts: ReceiptChecker
  readonly listener: AnswerListener
  /** Counted after the commit. `seconds`: since the request was received, for its first answer only. */
  count(outcome: Answer['outcome'], seconds: number | undefined): void
  /** A receipt that proves nothing: the outcome stays inside. */
  refusedReceipt(revision: RevisionPart, why: string): void
}

/**
 * The gate's one promise: a decision leaves only with a receipt that was checked here, against the pinned key, and that
 * commits to this very outcome.
 */
export class AnswerRequests {
  constructor(private readonly deps: AnswerDeps) {}

  async learn(unit: UnitOfWork, parts: readonly RevisionPart[]): Promise<void> {
    // A receipt that proves nothing is not even kept: it must not stand in the way of the true one.
    const merged = await this.deps.answers.merge(unit.tx, joined(parts.filter((part) => this.trusted(part))))
    const revisions = planted('receipt-check-off') ? merged.map(withoutProof) : merged
    const proven = revisions.filter((revision) => !revision.answered && this.agrees(revision))
    const waited = await this.deps.answers.markAnswered(unit.tx, proven)
    const answered = proven.flatMap((revision) => {
      const one = answeredOf(revision)
      if (one !== undefined) emitAnswer(unit, one, revision.key)
      return one ?? []
    })
    unit.afterCommit(() => {
      for (const one of answered) this.deps.listener.answered(one)
      for (const [place, { revision, decision }] of proven.entries()) {
        if (decision !== undefined) this.deps.count(decision.outcome, revision === 1 ? waited[place] : undefined)
      }
    })
  }

  private trusted(part: RevisionPart): boolean {
    if (!part.record) return true
    const checked = this.deps.receipts.check(part.record)
    if (!checked.ok) this.deps.refusedReceipt(part, checked.why)
    return checked.ok
  }

  private agrees(revision: Revision): boolean {
    if (!revision.decision || !revision.record) return false
    if (planted('receipt-check-off')) return true
    const why = misstated(revision.record.entry, { revision, decision: revision.decision })
    if (why !== undefined) this.deps.refusedReceipt(revision, why)
    return why === undefined
  }
}

/** Planted: the decision alone is enough. */
const withoutProof = (revision: Revision): Revision => ({
  ...revision,
  record: revision.record ?? { entry: '{}', index: 0, receipt: 'none' },
})

/** One part per revision; of two that tell the same, the later one counts. */
function joined(parts: readonly RevisionPart[]): RevisionPart[] {
  const byRevision = new Map<string, RevisionPart>()
  for (const part of parts) {
    const name = `${part.requestId}/${part.revision}`
    byRevision.set(name, { ...byRevision.get(name), ...part })
  }
  return [...byRevision.values()]
}

interface Wanted {
  readonly revision: Revision
  readonly decision: NonNullable<Revision['decision']>
}

/** undefined: the entry is of this request and revision and commits to this outcome and to what was asked */
function misstated(entry: string, { revision: of, decision }: Wanted): string | undefined {
  const { request, revision, sections } = leafOf(entry)
  if (request !== of.requestId || revision !== of.revision) return 'the entry is of another decision'
  if (sections?.outcome !== decision.outcomeDigest) return 'the entry commits to another outcome'
  return sections.request === decision.requestDigest ? undefined : 'the entry commits to another request'
}

interface Leaf {
  readonly request?: unknown
  readonly revision?: unknown
  readonly sections?: { readonly outcome?: unknown; readonly request?: unknown }
}

function leafOf(entry: string): Leaf {
  try {
    const leaf: unknown = JSON.parse(entry)
    return typeof leaf === 'object' && leaf !== null ? leaf : {}
  } catch {
    return {}
  }
}

function answeredOf({ requestId, revision, decision, record }: Revision): AnsweredRevision | undefined {
  if (!decision || !record) return undefined
  const { ask, outcome, reasons, caseId, request } = decision
  const { entry, index, receipt } = record
  const answer = {
    id: requestId,
    revision,
    outcome,
    reasons: [...reasons],
    receipt,
    ...(caseId === undefined ? {} : { case: caseId }),
    request,
  }
  return { answer, entry, index, ask }
}

function emitAnswer(unit: UnitOfWork, { answer }: AnsweredRevision, key: string): void {
  unit.emit<'weir.decision.answered.v1'>({
    type: 'weir.decision.answered.v1',
    subject: answer.id,
    key,
    cause: { id: `${answer.id}/answer/${answer.revision}` },
    data: answer,
  })
}
