import { canonicalJson } from '@weir/kernel'
import {
  equalBytes,
  openNote,
  parseTlogProof,
  parseVerifierKey,
  sectionDigest,
  toHex,
  utf8,
  verifyReceipt,
  type Crypto,
} from '@weir/ledger-verifier'
import { MANIFEST, manifestOf, newestCheckpoint } from './build-package.js'
import { at, jsonOf, recordedAtOf, textAt, type DecisionRecord, type Section } from './decision-record.js'
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
  readonly head: ReportHead
  readonly records: readonly DecisionRecord[]
  readonly crypto: Crypto
  text(path: string): string
}

/** Checks a package by itself: no network, no clock, nothing trusted but the key. */
export function verifyPackage(files: PackageFiles, options: VerifyOptions): Check[] {
  const crypto = remembering(options.crypto)
  const text = (path: string) => options.decode(files.get(path) ?? new Uint8Array(0))
  const first = checkFiles(files, { ...options, crypto })
  const missing = ['decisions.ndjson', 'report.json', 'key.txt'].filter((path) => !files.has(path))
  if (missing.length > 0) return [first, { name: 'tables', verdict: 'INCOMPLETE', detail: `missing: ${missing.join(', ')}` }]
  const records = recordsOf(text('decisions.ndjson'))
  const head = headOf(jsonOf(text('report.json')))
  if (records === undefined) return [first, { name: 'tables', verdict: 'FAIL', detail: 'a line of decisions.ndjson is no decision' }]
  if (head === undefined) return [first, { name: 'tables', verdict: 'FAIL', detail: 'report.json does not say what it reports' }]
  const vkey = options.vkey ?? text('key.txt').trim()
  const evidence: Evidence = { files, vkey, ownKey: options.vkey === undefined, head, records, crypto, text }
  return [
    first,
    checkSignature(evidence),
    checkInclusion(evidence),
    checkDisclosures(evidence),
    checkTables(evidence),
    checkCount(evidence),
  ]
}

/** Entries that were recorded together share a checkpoint; its signature is checked once. */
function remembering({ sha256, verifyEd25519 }: Crypto): Crypto {
  const known = new Map<string, boolean>()
  return {
    sha256,
    verifyEd25519: (key, message, signature) => {
      const id = [key, message, signature].map(toHex).join('/')
      const good = known.get(id) ?? verifyEd25519(key, message, signature)
      known.set(id, good)
      return good
    },
  }
}

const TABLES = ['report.json', 'decisions.ndjson', 'decisions.csv'] as const
const ALWAYS = [...TABLES, 'key.txt', 'checkpoint', 'READING-GUIDE.md', 'VERIFY.md', 'verify.mjs', MANIFEST]
const PER_DECISION = /^(entries\/\d+\.json|proofs\/\d+\.tlog-proof)$/

function checkFiles(files: PackageFiles, { crypto, decode }: VerifyOptions): Check {
  const manifest = files.get(MANIFEST)
  if (manifest === undefined) return { name: 'files', verdict: 'INCOMPLETE', detail: `${MANIFEST} is missing` }
  const text = manifestOf(files, crypto.sha256)
  const [stated, actual] = [linesByPath(decode(manifest)), linesByPath(text)]
  const changed = [...new Set([...stated.keys(), ...actual.keys()])].filter((path) => stated.get(path) !== actual.get(path))
  const missing = ALWAYS.filter((path) => !files.has(path) && !changed.includes(path))
  const foreign = [...files.keys()].filter((path) => !ALWAYS.includes(path) && !PER_DECISION.test(path) && !changed.includes(path))
  const wrong = [
    ...(changed.length > 0 ? [`changed, missing or not listed: ${some(changed)}`] : []),
    ...(missing.length > 0 ? [`missing: ${some(missing)}`] : []),
    ...(foreign.length > 0 ? [`no part of a report: ${some(foreign)}`] : []),
  ]
  if (wrong.length === 0 && !equalBytes(manifest, utf8(text))) wrong.push(`${MANIFEST} has other text than these files in this order give`)
  if (wrong.length > 0) return { name: 'files', verdict: 'FAIL', detail: wrong.join('; ') }
  return { name: 'files', verdict: 'PASS', detail: `${actual.size} files have the digests of the manifest` }
}

const linesByPath = (manifest: string): ReadonlyMap<string, string> =>
  new Map(manifest.split('\n').flatMap((line) => (line === '' ? [] : [[line.slice(66), line] as const])))

function checkSignature(evidence: Evidence): Check {
  const { vkey, ownKey, head, records, crypto, text } = evidence
  const failed = (detail: string): Check => ({ name: 'signature', verdict: 'FAIL', detail })
  const key = parseVerifierKey(vkey, crypto.sha256)
  if (!key.ok) return failed(`the key is not usable: ${key.refusal}`)
  if (text('key.txt') !== `${vkey}\n`) return failed(ownKey ? 'key.txt is not one line' : 'key.txt is not the key that was given')
  // A log without any entry has signed nothing yet.
  const unsigned = records.length === 0 && head.logSize === 0 && text('checkpoint') === ''
  const notes = [
    ...(unsigned ? [] : [['checkpoint', text('checkpoint')] as const]),
    ...records.map(({ index }) => [`proofs/${index}.tlog-proof`, noteOf(text, index)] as const),
  ]
  const bad = notes.filter(([, note]) => note === undefined || !openNote(note, { keys: [key.value], crypto }).ok).map(([path]) => path)
  if (bad.length > 0) return failed(`not signed by ${key.value.name}: ${some(bad)}`)
  const whose = ownKey ? 'the key is the package’s own: compare it with the one you have from elsewhere' : 'under the key that was given'
  return { name: 'signature', verdict: 'PASS', detail: `${notes.length} checkpoints by ${key.value.name}; ${whose}` }
}

function noteOf(text: (path: string) => string, index: number): string | undefined {
  const proof = parseTlogProof(text(`proofs/${index}.tlog-proof`))
  return proof.ok ? proof.value.checkpoint : undefined
}

function checkInclusion({ files, vkey, records, crypto, text }: Evidence): Check {
  const roots = new Map<number, string>()
  const bad = records.flatMap(({ index }) => {
    const [path, proof] = [`entries/${index}.json`, `proofs/${index}.tlog-proof`]
    const entry = files.get(path)
    if (entry === undefined) return [`${path} is missing`]
    const proven = verifyReceipt({ receipt: text(proof), entry, vkey }, crypto)
    if (!proven.ok) return [`${path} by ${proof} (${proven.refusal})`]
    if (proven.value.index !== index) return [`${path} by ${proof} (it proves entry ${proven.value.index})`]
    const { size, root } = proven.value.checkpoint
    const other = roots.get(size) ?? toHex(root)
    roots.set(size, other)
    return other === toHex(root) ? [] : [`${path} by ${proof} (the key signed two logs of ${size} entries)`]
  })
  if (bad.length > 0) return { name: 'inclusion', verdict: 'FAIL', detail: `not proven to be in the log: ${some(bad)}` }
  return { name: 'inclusion', verdict: 'PASS', detail: `${records.length} entries are in the log` }
}

function checkDisclosures({ records, crypto, text }: Evidence): Check {
  const bad = records.flatMap((record) => {
    const leaf = jsonOf(text(`entries/${record.index}.json`))
    if (at(leaf, 'type') !== 'decision') return [`entry ${record.index} records no decision`]
    if (at(leaf, 'request') !== record.requestId || at(leaf, 'revision') !== record.revision)
      return [`entry ${record.index} is of another decision`]
    const committed = at(leaf, 'sections')
    const names = typeof committed === 'object' && committed !== null ? Object.keys(committed) : []
    const differs = Object.keys(record.sections).filter((name) => at(committed, name) !== digestOf(name, record.sections[name], crypto))
    const withheld = names.filter((name) => !Object.hasOwn(record.sections, name))
    return [
      ...(recordedAtOf(leaf) === record.recordedAt ? [] : [`recordedAt of entry ${record.index}`]),
      ...differs.map((name) => `${name} of entry ${record.index}`),
      ...withheld.map((name) => `${name} of entry ${record.index} is withheld`),
    ]
  })
  if (bad.length > 0) return { name: 'disclosures', verdict: 'FAIL', detail: `not what the log committed to: ${some(bad)}` }
  return { name: 'disclosures', verdict: 'PASS', detail: `${records.length} decisions are what their entries commit to` }
}

function digestOf(name: string, section: Section | undefined, { sha256 }: Crypto): string | undefined {
  return section && sectionDigest(name, section, { sha256, canonicalJson })
}

/** The three tables are three spellings of the same decisions: each is written again and compared byte by byte. */
function checkTables({ files, vkey, head, records }: Evidence): Check {
  const written = {
    'report.json': reportJson(head, records),
    'decisions.ndjson': decisionsNdjson(records),
    'decisions.csv': decisionsCsv(records),
  }
  const bad = TABLES.filter((path) => !equalBytes(files.get(path) ?? new Uint8Array(0), utf8(written[path])))
  const outside = records.filter(({ decidedAt }) => !INSTANT.test(decidedAt) || decidedAt < head.from || decidedAt >= head.to)
  const wrong = [
    ...bad.map((path) => `${path} disagrees with the other tables`),
    ...(INSTANT.test(head.from) && INSTANT.test(head.to) && head.from < head.to ? [] : ['report.json states no period']),
    ...(head.origin === vkey.split('+')[0] ? [] : ['report.json names another log than the key']),
    ...outside.map(({ index }) => `entry ${index} lies outside the period`),
  ]
  if (wrong.length > 0) return { name: 'tables', verdict: 'FAIL', detail: some(wrong) }
  return { name: 'tables', verdict: 'PASS', detail: `report.json, decisions.ndjson and decisions.csv agree` }
}

function checkCount({ files, head, records, text }: Evidence): Check {
  const listed = new Set(records.flatMap(({ index }) => [`entries/${index}.json`, `proofs/${index}.tlog-proof`]))
  const stray = [...files.keys()].filter((path) => PER_DECISION.test(path) && !listed.has(path))
  const ordered = records.every((record, n) => n === 0 || (records[n - 1]?.index ?? -1) < record.index)
  const decisions = new Set(records.map(({ requestId, revision }) => `${requestId}/${revision}`))
  const newest = newestOf(records, text)
  const wrong = [
    ...stray.map((path) => `${path} belongs to no decision`),
    ...(ordered && decisions.size === records.length ? [] : ['decisions are not in the order of the log, or twice']),
    ...(newest === undefined || text('checkpoint') === newest ? [] : ['checkpoint is not the newest of the proofs']),
    ...records.filter(({ index }) => index >= head.logSize).map(({ index }) => `entry ${index} lies behind logSize`),
  ]
  if (wrong.length > 0) return { name: 'count', verdict: 'FAIL', detail: some(wrong) }
  return { name: 'count', verdict: 'PASS', detail: `${records.length} decisions, told of the first ${head.logSize} entries of the log` }
}

/** undefined: there is no proof */
function newestOf(records: readonly DecisionRecord[], text: (path: string) => string): string | undefined {
  if (records.length === 0) return undefined
  return newestCheckpoint(
    records.map(({ index }) => {
      const receipt = text(`proofs/${index}.tlog-proof`)
      const size = Number(noteOf(text, index)?.split('\n')[1])
      return { receipt, treeSize: Number.isSafeInteger(size) ? size : 0 }
    }),
  )
}

/** as `Date.prototype.toISOString` writes it, so that the order of texts is the order of time */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function headOf(report: unknown): ReportHead | undefined {
  const [reportId, from, to, origin] = ['reportId', 'from', 'to', 'origin'].map((name) => textAt(report, name))
  const logSize = at(report, 'logSize')
  if (reportId === undefined || from === undefined || to === undefined || origin === undefined) return undefined
  if (at(report, 'template') !== 'decisions' || typeof logSize !== 'number' || !Number.isSafeInteger(logSize)) return undefined
  return { reportId, template: 'decisions', from, to, origin, logSize }
}

/** undefined: a line is not a decision */
function recordsOf(ndjson: string): DecisionRecord[] | undefined {
  const lines = ndjson.split('\n').filter((line) => line !== '')
  const records = lines.map((line) => recordOf(jsonOf(line)))
  const whole = records.flatMap((record) => record ?? [])
  return whole.length === lines.length ? whole : undefined
}

function recordOf(value: unknown): DecisionRecord | undefined {
  const [requestId, decidedAt, recordedAt] = ['requestId', 'decidedAt', 'recordedAt'].map((name) => textAt(value, name))
  const [revision, index, sections] = [at(value, 'revision'), at(value, 'index'), at(value, 'sections')]
  if (requestId === undefined || decidedAt === undefined || recordedAt === undefined) return undefined
  if (typeof revision !== 'number' || typeof index !== 'number') return undefined
  if (!Number.isSafeInteger(index) || index < 0 || typeof sections !== 'object' || sections === null) return undefined
  const whole = Object.entries(sections).flatMap(([name, section]: [string, unknown]) => {
    const salt = textAt(section, 'salt')
    const value = at(section, 'value')
    return salt === undefined || value === undefined ? [] : [[name, { salt, value }] as const]
  })
  return { requestId, revision, decidedAt, recordedAt, index, sections: Object.fromEntries(whole) }
}

const some = (all: readonly string[]): string => `${all.slice(0, 5).join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`
