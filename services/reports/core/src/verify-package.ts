import { canonicalJson } from '@weir/kernel'
import {
  equalBytes,
  openNote,
  parseTlogProof,
  parseVerifierKey,
  sectionDigest,
  utf8,
  verifyReceipt,
  type Crypto,
} from '@weir/ledger-verifier'
import { MANIFEST, manifestOf, newestCheckpoint } from './build-package.js'
import { at, textAt, type DecisionRecord, type Section } from './decision-record.js'
import { decisionsCsv, decisionsNdjson, reportJson, type ReportHead } from './tables.js'
import type { PackageFiles } from './zip.js'

export type Verdict = 'PASS' | 'FAIL' | 'INCOMPLETE'

/** One line of the verifier's answer. */
export interface Check {
  readonly name: 'files' | 'signature' | 'inclusion' | 'disclosures' | 'tables' | 'count'
  readonly verdict: Verdict
  readonly detail: string
}

export interface VerifyOptions {
  /** the log's key, got by another way than the package; without it the package's own key is used, and said so */
  readonly vkey?: string | undefined
  readonly crypto: Crypto
  readonly decode: (bytes: Uint8Array) => string
}

interface Evidence {
  readonly files: PackageFiles
  readonly vkey: string
  readonly ownKey: boolean
  readonly records: readonly DecisionRecord[]
  readonly crypto: Crypto
  text(path: string): string
}

/** Checks a package by itself: no network, no clock, nothing trusted but the key. */
export function verifyPackage(files: PackageFiles, options: VerifyOptions): Check[] {
  const text = (path: string) => options.decode(files.get(path) ?? new Uint8Array(0))
  const files_ = checkFiles(files, options)
  const vkey = options.vkey ?? text('key.txt').trim()
  const records = recordsOf(text('decisions.ndjson'))
  if (records === undefined || vkey === '') {
    return [files_, { name: 'tables', verdict: 'INCOMPLETE', detail: 'decisions.ndjson or the key is missing or not readable' }]
  }
  const evidence: Evidence = { files, vkey, ownKey: options.vkey === undefined, records, crypto: options.crypto, text }
  return [
    files_,
    checkSignature(evidence),
    checkInclusion(evidence),
    checkDisclosures(evidence),
    checkTables(evidence),
    checkCount(evidence),
  ]
}

function checkFiles(files: PackageFiles, { crypto, decode }: VerifyOptions): Check {
  const manifest = files.get(MANIFEST)
  if (manifest === undefined) return { name: 'files', verdict: 'INCOMPLETE', detail: `${MANIFEST} is missing` }
  const stated = new Map(
    decode(manifest)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line] as const),
  )
  const actual = new Map(
    manifestOf(files, crypto.sha256)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line] as const),
  )
  const wrong = [...new Set([...stated.keys(), ...actual.keys()])].filter((path) => stated.get(path) !== actual.get(path))
  const exact = equalBytes(manifest, utf8(manifestOf(files, crypto.sha256)))
  if (wrong.length === 0 && exact)
    return { name: 'files', verdict: 'PASS', detail: `${actual.size} files have the digests of the manifest` }
  return {
    name: 'files',
    verdict: 'FAIL',
    detail: wrong.length > 0 ? `changed, missing or not listed: ${some(wrong)}` : 'the manifest has other text',
  }
}

function checkSignature({ vkey, ownKey, records, crypto, text }: Evidence): Check {
  const key = parseVerifierKey(vkey, crypto.sha256)
  if (!key.ok) return { name: 'signature', verdict: 'FAIL', detail: `the key is not usable: ${key.refusal}` }
  if (vkey !== text('key.txt').trim()) return { name: 'signature', verdict: 'FAIL', detail: 'key.txt is not the key that was given' }
  const notes = [
    ['checkpoint', text('checkpoint')] as const,
    ...records.map(({ index }) => [`proofs/${index}.tlog-proof`, noteOf(text, index)] as const),
  ]
  const wanted = records.length === 0 ? [] : notes
  const bad = wanted.filter(([, note]) => note === undefined || !openNote(note, { keys: [key.value], crypto }).ok).map(([path]) => path)
  if (bad.length > 0) return { name: 'signature', verdict: 'FAIL', detail: `not signed by ${key.value.name}: ${some(bad)}` }
  const whose = ownKey ? 'the key is the package’s own: compare it with the one you have from elsewhere' : 'under the key that was given'
  return { name: 'signature', verdict: 'PASS', detail: `${wanted.length} checkpoints by ${key.value.name}; ${whose}` }
}

function noteOf(text: (path: string) => string, index: number): string | undefined {
  const proof = parseTlogProof(text(`proofs/${index}.tlog-proof`))
  return proof.ok ? proof.value.checkpoint : undefined
}

function checkInclusion({ files, vkey, records, crypto, text }: Evidence): Check {
  const bad = records.filter(({ index }) => {
    const entry = files.get(`entries/${index}.json`)
    if (entry === undefined) return true
    const proven = verifyReceipt({ receipt: text(`proofs/${index}.tlog-proof`), entry, vkey }, crypto)
    return !proven.ok || proven.value.index !== index
  })
  if (bad.length > 0)
    return {
      name: 'inclusion',
      verdict: 'FAIL',
      detail: `not proven to be in the log: ${some(bad.map(({ index }) => `entries/${index}.json`))}`,
    }
  return { name: 'inclusion', verdict: 'PASS', detail: `${records.length} entries are in the log` }
}

function checkDisclosures({ records, crypto, text }: Evidence): Check {
  const bad = records.flatMap((record) => {
    const leaf = jsonOf(text(`entries/${record.index}.json`))
    if (at(leaf, 'request') !== record.requestId || at(leaf, 'revision') !== record.revision)
      return [`entry ${record.index} is of another decision`]
    const committed = at(leaf, 'sections')
    const names = typeof committed === 'object' && committed !== null ? Object.keys(committed) : []
    const differs = Object.keys(record.sections).filter((name) => at(committed, name) !== digestOf(name, record.sections[name], crypto))
    const withheld = names.filter((name) => !Object.hasOwn(record.sections, name))
    return [
      ...differs.map((name) => `${name} of entry ${record.index}`),
      ...withheld.map((name) => `${name} of entry ${record.index} is withheld`),
    ]
  })
  if (bad.length > 0) return { name: 'disclosures', verdict: 'FAIL', detail: some(bad) }
  return { name: 'disclosures', verdict: 'PASS', detail: `${records.length} decisions are what their entries commit to` }
}

function digestOf(name: string, section: Section | undefined, { sha256 }: Crypto): string | undefined {
  return section && sectionDigest(name, section, { sha256, canonicalJson })
}

/** The three tables are three spellings of the same decisions: each is written again and compared byte by byte. */
function checkTables({ files, records, text }: Evidence): Check {
  const report = jsonOf(text('report.json'))
  const head = headOf(report)
  if (head === undefined) return { name: 'tables', verdict: 'FAIL', detail: 'report.json does not say what it reports' }
  const expected: readonly (readonly [string, string])[] = [
    ['report.json', reportJson(head, records)],
    ['decisions.ndjson', decisionsNdjson(records)],
    ['decisions.csv', decisionsCsv(records)],
  ]
  const bad = expected.filter(([path, wanted]) => !equalBytes(files.get(path) ?? new Uint8Array(0), utf8(wanted))).map(([path]) => path)
  const outside = records
    .filter(({ decidedAt }) => decidedAt < head.from || decidedAt >= head.to)
    .map(({ index }) => `entry ${index} lies outside the period`)
  if (bad.length + outside.length > 0)
    return { name: 'tables', verdict: 'FAIL', detail: some([...bad.map((path) => `${path} disagrees`), ...outside]) }
  return { name: 'tables', verdict: 'PASS', detail: `report.json, decisions.ndjson and decisions.csv agree` }
}

function checkCount({ files, records, text }: Evidence): Check {
  const listed = new Set(records.flatMap(({ index }) => [`entries/${index}.json`, `proofs/${index}.tlog-proof`]))
  const stray = [...files.keys()].filter((path) => /^(entries|proofs)\//.test(path) && !listed.has(path))
  const ordered = records.every((record, n) => n === 0 || (records[n - 1]?.index ?? -1) < record.index)
  const newest = newestOf(records, text)
  const wrong = [
    ...stray.map((path) => `${path} belongs to no decision`),
    ...(ordered ? [] : ['decisions are not in the order of the log, or twice']),
    ...(text('checkpoint') === newest ? [] : ['the checkpoint is not the newest of the proofs']),
  ]
  if (wrong.length > 0) return { name: 'count', verdict: 'FAIL', detail: some(wrong) }
  return { name: 'count', verdict: 'PASS', detail: `${records.length} decisions` }
}

function newestOf(records: readonly DecisionRecord[], text: (path: string) => string): string {
  return newestCheckpoint(
    records.map(({ index }) => {
      const receipt = text(`proofs/${index}.tlog-proof`)
      const size = Number(noteOf(text, index)?.split('\n')[1])
      return { receipt, treeSize: Number.isSafeInteger(size) ? size : 0 }
    }),
  )
}

function headOf(report: unknown): ReportHead | undefined {
  const [reportId, from, to, origin] = ['reportId', 'from', 'to', 'origin'].map((name) => textAt(report, name))
  if (reportId === undefined || from === undefined || to === undefined || origin === undefined) return undefined
  return at(report, 'template') === 'decisions' ? { reportId, template: 'decisions', from, to, origin } : undefined
}

/** undefined: a line is not a decision */
function recordsOf(ndjson: string): DecisionRecord[] | undefined {
  const lines = ndjson.split('\n').filter((line) => line !== '')
  const records = lines.map((line) => recordOf(jsonOf(line)))
  const whole = records.flatMap((record) => record ?? [])
  return whole.length === lines.length ? whole : undefined
}

function recordOf(value: unknown): DecisionRecord | undefined {
  const [requestId, decidedAt] = [textAt(value, 'requestId'), textAt(value, 'decidedAt')]
  const [revision, index, sections] = [at(value, 'revision'), at(value, 'index'), at(value, 'sections')]
  if (requestId === undefined || decidedAt === undefined || typeof revision !== 'number' || typeof index !== 'number') return undefined
  if (!Number.isSafeInteger(index) || index < 0 || typeof sections !== 'object' || sections === null) return undefined
  const whole = Object.entries(sections).flatMap(([name, section]: [string, unknown]) => {
    const salt = textAt(section, 'salt')
    return salt === undefined ? [] : [[name, { salt, value: at(section, 'value') }] as const]
  })
  return { requestId, revision, decidedAt, index, sections: Object.fromEntries(whole) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const some = (all: readonly string[]): string => `${all.slice(0, 5).join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`
