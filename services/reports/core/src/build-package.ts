import { parseTlogProof, toHex, utf8, type Sha256 } from '@weir/ledger-verifier'
import { jsonOf, recordedAtOf, type DecisionRecord, type ProvenDecision } from './decision-record.js'
import { decisionsCsv, decisionsNdjson, reportJson, type ReportHead } from './tables.js'
import type { PackageFiles } from './zip.js'

export interface PackageParts {
  readonly head: ReportHead
  /** in the order of the log */
  readonly decisions: readonly ProvenDecision[]
  readonly vkey: string
  /** of the log; a report without decisions carries it, so that it is not without a signature. Empty: the log is */
  readonly checkpoint: string
  /** verify.mjs, READING-GUIDE.md, VERIFY.md */
  readonly documents: PackageFiles
  readonly sha256: Sha256
}

export const MANIFEST = 'manifest-sha256.txt'

/** All files of a report package; the same parts give the same bytes. The manifest comes last and names all others. */
export function buildPackage({ head, decisions, vkey, checkpoint, documents, sha256 }: PackageParts): PackageFiles {
  const files = new Map<string, Uint8Array>(documents)
  const records = decisions.map(recordOf)
  files.set('report.json', utf8(reportJson(head, records)))
  files.set('decisions.ndjson', utf8(decisionsNdjson(records)))
  files.set('decisions.csv', utf8(decisionsCsv(records)))
  files.set('key.txt', utf8(`${vkey}\n`))
  files.set('checkpoint', utf8(decisions.length === 0 ? checkpoint : newestCheckpoint(decisions)))
  for (const { index, entry, receipt } of decisions) {
    files.set(`entries/${index}.json`, utf8(entry))
    files.set(`proofs/${index}.tlog-proof`, utf8(receipt))
  }
  files.set(MANIFEST, utf8(manifestOf(files, sha256)))
  return files
}

function recordOf({ requestId, revision, decidedAt, index, sections, entry }: ProvenDecision): DecisionRecord {
  const recordedAt = recordedAtOf(jsonOf(entry))
  if (recordedAt === undefined) throw new RangeError(`entry ${index} of the log does not say when it was recorded`)
  return { requestId, revision, decidedAt, recordedAt, index, sections }
}

/** The lines that `sha256sum -c` reads. */
export const manifestOf = (files: PackageFiles, sha256: Sha256): string =>
  [...files]
    .filter(([path]) => path !== MANIFEST)
    .map(([path, content]) => `${toHex(sha256(content))}  ${path}\n`)
    .join('')

export function newestCheckpoint(decisions: readonly Pick<ProvenDecision, 'receipt' | 'treeSize'>[]): string {
  const newest = decisions.reduce<Pick<ProvenDecision, 'receipt' | 'treeSize'> | undefined>(
    (best, one) => (best === undefined || one.treeSize >= best.treeSize ? one : best),
    undefined,
  )
  const proof = newest && parseTlogProof(newest.receipt)
  return proof?.ok ? proof.value.checkpoint : ''
}
