import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { catalog, type DecisionMade, type EntryRecorded } from '@weir/contracts'
import { canonicalJson } from '@weir/kernel'
import { sectionDigest } from '@weir/ledger-verifier'
import { sampleCrypto, type SampleLog } from '@weir/testing'

const folder = new URL('../../../../libs/contracts/samples/weir.decision.made.v1/', import.meta.url)
const samples: readonly DecisionMade[] = readdirSync(folder).map((file) =>
  catalog['weir.decision.made.v1'].schema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))),
)

/** A decision of a request of its own, unless told otherwise; of every kind in turn. */
export function decision(decidedAt: string, changes: Partial<DecisionMade> = {}): DecisionMade {
  const [first] = samples
  if (first === undefined) throw new Error('the contract has no sample')
  return { ...first, requestId: randomUUID(), revision: 1, decidedAt, ...changes }
}

export const heldDecision = (decidedAt: string, changes: Partial<DecisionMade> = {}): DecisionMade =>
  decision(decidedAt, { sections: samples.at(-1)?.sections ?? decision(decidedAt).sections, ...changes })

/** As the ledger records it: one batch, one checkpoint. */
export function recorded(log: SampleLog, decisions: readonly DecisionMade[]): EntryRecorded[] {
  const first = log.append(decisions.map(leafOf))
  return decisions.map(({ requestId, revision, decidedAt }, n) => ({
    kind: 'decision',
    subjectId: requestId,
    revision,
    ...entryAt(log, first + n),
    recordedAt: decidedAt,
  }))
}

/** An entry that is no decision. */
export function otherRecorded(log: SampleLog, kind: 'policy' | 'case' | 'license' | 'report'): EntryRecorded {
  const event = randomUUID()
  const index = log.append([canonicalJson({ v: 1, type: kind, t: 0, event, body: 'a digest' })])
  return { kind, subjectId: event, ...entryAt(log, index), recordedAt: new Date(0).toISOString() }
}

function entryAt(log: SampleLog, index: number) {
  const { leaf, receipt, treeSize } = log.entries[index] ?? { leaf: '', receipt: '', treeSize: 0 }
  return { index, treeSize, entry: leaf, receipt }
}

const leafOf = ({ requestId, revision, decidedAt, sections }: DecisionMade): string => {
  const digests = Object.entries(sections).map(([name, section]) => [name, sectionDigest(name, section, { sha256: sampleCrypto.sha256, canonicalJson })]) // prettier-ignore
  return canonicalJson({ v: 1, type: 'decision', t: Date.parse(decidedAt), request: requestId, revision, sections: Object.fromEntries(digests) }) // prettier-ignore
}
