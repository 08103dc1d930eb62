import { canonicalJson } from '@weir/kernel'
import { sectionDigest, utf8 } from '@weir/ledger-verifier'
import { SampleLog, sampleCrypto } from '@weir/testing'
import { buildPackage, type PackageFiles, type ProvenDecision, type ReportHead, type Section } from '../src/index.js'

export const crypto = sampleCrypto
export const { sha256 } = sampleCrypto
export const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

const FIRST = Date.parse('2026-03-02T08:00:00.000Z')
const outcomes = ['approve', 'hold', 'deny'] as const
const reasons = {
  approve: { code: 'no-controlled-item', sentence: 'None of the requested machines holds a controlled item.' },
  hold: { code: 'unknown-sku', sentence: 'It is not known what the asked machines hold.' },
  deny: {
    code: 'listed-party',
    sentence: 'The customer has the name of a party on a list that blocks it.',
    rule: 'lists/listed',
    citation: '15 CFR 744.11',
    legalStatus: 'in-force',
  },
}
const names = [
  'Acme Research GmbH',
  '=HYPERLINK("http://example.test","click")',
  'Søren, "Søn" & Co',
  '深圳示例科技',
  'two\nlines',
  undefined,
]

/** The n-th decision of a sample: approvals, holds and denials; every fourth request has a second revision. */
function decisionOf(n: number): Omit<ProvenDecision, 'entry' | 'receipt' | 'index' | 'treeSize'> {
  const second = n % 4 === 3
  const outcome = second ? 'deny' : (outcomes[n % 3] ?? 'approve')
  const name = names[n % names.length]
  const section = (value: unknown, at: number): Section => ({ salt: Buffer.alloc(16, n * 16 + at).toString('base64url'), value })
  const values = {
    outcome: { outcome, reasons: [reasons[outcome]] },
    who: { tenantRef: { system: 'aws', id: `11112222${n}` }, headquarters: 'DE', ...(name === undefined ? {} : { name }) },
    what: { skus: [{ raw: 'p5.48xlarge', count: n + 1 }], paragraph: '3A090.a', trainingLevel: 'high' },
    where: { region: 'us-west-2', country: 'US', delivery: 'remote' },
    license: {},
    people: second ? { proposedBy: 'officer-1', approvedBy: 'officer-2' } : {},
  }
  return {
    requestId: `5f0c2c1e-8f0a-4e5d-9a41-${String(second ? n - 1 : n).padStart(12, '0')}`,
    revision: second ? 2 : 1,
    decidedAt: new Date(FIRST + n * 60_000).toISOString(),
    sections: Object.fromEntries(Object.entries(values).map(([key, value], at) => [key, section(value, at)])),
  }
}

/** Appends decisions in batches, with entries of other kinds between them. */
export function record(log: SampleLog, count: number): ProvenDecision[] {
  const decisions: ProvenDecision[] = []
  log.append([canonicalJson({ v: 1, type: 'policy', t: FIRST, event: 'an event', body: 'a digest' })])
  for (let n = 0; n < count; n += 5) {
    const batch = Array.from({ length: Math.min(5, count - n) }, (_, at) => decisionOf(n + at))
    const leaves = batch.map((one, at) => leafOf(one, FIRST + (n + at) * 60_000 + 250))
    const first = log.append(leaves)
    if (n % 10 === 0) log.append([canonicalJson({ v: 1, type: 'case', t: FIRST + n * 60_000 + 900, event: `case ${n}`, body: 'a digest' })])
    for (const [at, one] of batch.entries()) {
      const { leaf, receipt, treeSize } = log.entries[first + at] ?? { leaf: '', receipt: '', treeSize: 0 }
      decisions.push({ ...one, index: first + at, entry: leaf, receipt, treeSize })
    }
  }
  return decisions
}

export const leafOf = ({ requestId, revision, sections }: Pick<ProvenDecision, 'requestId' | 'revision' | 'sections'>, t: number): string =>
  canonicalJson({
    v: 1,
    type: 'decision',
    t,
    request: requestId,
    revision,
    sections: Object.fromEntries(
      Object.entries(sections).map(([name, one]) => [name, sectionDigest(name, one, { sha256, canonicalJson })]),
    ),
  })

export const documents: PackageFiles = new Map(['READING-GUIDE.md', 'VERIFY.md', 'verify.mjs'].map((name) => [name, utf8(`the ${name}\n`)]))

export const headOf = (log: SampleLog, changes: Partial<ReportHead> = {}): ReportHead => ({
  reportId: '0b8f6f5a-2f3d-4a53-8b7e-6a1f0c9d2e11',
  template: 'decisions',
  from: '2026-03-02T00:00:00.000Z',
  to: '2026-03-03T00:00:00.000Z',
  origin: log.origin,
  logSize: log.entries.length,
  ...changes,
})

interface Sample {
  readonly log: SampleLog
  readonly decisions: readonly ProvenDecision[]
  readonly files: PackageFiles
}

/** A package of a log of its own. */
export function samplePackage(count: number, changes: { readonly documents?: PackageFiles; readonly log?: SampleLog } = {}): Sample {
  const log = changes.log ?? new SampleLog()
  const decisions = count === 0 ? [] : record(log, count)
  const given = { head: headOf(log), decisions, vkey: log.vkey, checkpoint: log.entries.length === 0 ? '' : log.checkpoint() }
  return { log, decisions, files: buildPackage({ ...given, documents: changes.documents ?? documents, sha256 }) }
}
