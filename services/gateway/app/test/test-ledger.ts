import type { DecisionMade, EntryRecorded } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
import { sectionDigest } from '@weir/ledger-verifier'
import { SampleLog } from '@weir/testing'
import { sha256 } from '../src/outbound/receipt-checker.js'

/** Signs real receipts with a key of its own, for what was decided and for what was not. */
export class TestLedger {
  private readonly log = new SampleLog('ledger.test.example')
  readonly vkey = this.log.vkey

  record(decision: DecisionMade): EntryRecorded {
    const { requestId, revision, decidedAt } = decision
    const sections = Object.fromEntries(
      Object.entries(decision.sections).map(([name, section]) => [name, sectionDigest(name, section, { sha256, canonicalJson })]),
    )
    const entry = canonicalJson({ v: 1, type: 'decision', t: Date.parse(decidedAt), request: requestId, revision, sections })
    const index = this.log.append([entry])
    const recorded = this.log.entries[index]
    if (recorded === undefined) throw new RangeError('the log lost its entry')
    const { receipt, treeSize } = recorded
    return { kind: 'decision', subjectId: requestId, revision, index, treeSize, entry, receipt, recordedAt: decidedAt }
  }
}
