import type { UnitOfWork } from '@weir/messaging'
import type { AnswerStore, ReceiptChecker, Revision } from './ports.js'

/** Tells those who wait in this process that a request has an answer. */
export interface AnswerListener {
  answered(requestId: string): void
}

export interface AnswerDeps {
  readonly answers: AnswerStore
  readonly receipts: ReceiptChecker
  readonly listener: AnswerListener
  /** A receipt that proves nothing: the outcome stays inside. */
  refusedReceipt(revision: Revision, why: string): void
}

/**
 * The gate's one promise: a decision leaves only with a receipt that was checked here, against the pinned key, and that
 * commits to this very outcome.
 */
export class AnswerRequests {
  constructor(private readonly deps: AnswerDeps) {}

  async learn(unit: UnitOfWork, parts: readonly Omit<Revision, 'answered'>[]): Promise<void> {
    const revisions = await this.deps.answers.merge(unit.tx, parts)
    const proven = revisions.filter((revision) => !revision.answered && this.proven(revision))
    await this.deps.answers.markAnswered(unit.tx, proven)
    for (const revision of proven) emitAnswer(unit, revision)
    unit.afterCommit(() => proven.forEach(({ requestId }) => this.deps.listener.answered(requestId)))
  }

  private proven(revision: Revision): boolean {
    if (!revision.decision || !revision.record) return false
    const checked = this.deps.receipts.check(revision.record)
    const why = checked.ok ? misstated(revision.record.entry, { revision, outcomeDigest: revision.decision.outcomeDigest }) : checked.why
    if (why !== undefined) this.deps.refusedReceipt(revision, why)
    return why === undefined
  }
}

/** undefined: the entry is of this request and revision and commits to this outcome */
function misstated(entry: string, wanted: { readonly revision: Revision; readonly outcomeDigest: string }): string | undefined {
  const leaf: unknown = JSON.parse(entry)
  if (typeof leaf !== 'object' || leaf === null) return 'the entry is not an object'
  const { request, revision, sections } = leaf as { request?: unknown; revision?: unknown; sections?: { outcome?: unknown } }
  if (request !== wanted.revision.requestId || revision !== wanted.revision.revision) return 'the entry is of another decision'
  return sections?.outcome === wanted.outcomeDigest ? undefined : 'the entry commits to another outcome'
}

function emitAnswer(unit: UnitOfWork, { requestId, revision, key, decision, record }: Revision): void {
  if (!decision || !record) return
  unit.emit<'weir.decision.answered.v1'>({
    type: 'weir.decision.answered.v1',
    subject: requestId,
    key,
    cause: { id: `${requestId}/answer/${revision}` },
    data: {
      id: requestId,
      revision,
      outcome: decision.outcome,
      reasons: [...decision.reasons],
      receipt: record.receipt,
      ...(decision.caseId === undefined ? {} : { case: decision.caseId }),
      request: decision.request,
    },
  })
}
