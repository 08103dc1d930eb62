import { parseCheckpoint, parseNote, utf8 } from '@weir/ledger-verifier'
import { SampleLog } from '@weir/testing'
import { decode, documents, headOf, record, samplePackage, sha256 } from '../test/sample-log.js'
import { buildPackage, MANIFEST } from './build-package.js'
import { writeZip } from './zip.js'

test('the same parts give the same bytes', () => {
  const log = new SampleLog()
  const decisions = record(log, 24)
  const build = () =>
    writeZip(buildPackage({ head: headOf(log), decisions, vkey: log.vkey, checkpoint: log.checkpoint(), documents, sha256 }))

  const [first, again] = [build(), build()]

  expect(Buffer.from(again).equals(Buffer.from(first))).toBe(true)
  const other = buildPackage({ head: headOf(log), decisions: decisions.slice(1), vkey: log.vkey, checkpoint: '', documents, sha256 })
  expect(Buffer.from(writeZip(other)).equals(Buffer.from(first))).toBe(false)
})

test('the manifest comes last, is what sha256sum -c reads, and names every other file once', () => {
  const { files } = samplePackage(21)
  const paths = [...files.keys()]
  const lines = decode(files.get(MANIFEST) ?? utf8('')).trimEnd().split('\n') // prettier-ignore

  expect(paths.at(-1)).toBe(MANIFEST)
  expect(lines.map((line) => line.slice(66))).toEqual(paths.slice(0, -1))
  for (const line of lines)
    expect(line).toBe(`${Buffer.from(sha256(files.get(line.slice(66)) ?? utf8(''))).toString('hex')}  ${line.slice(66)}`)
})

test('each decision has its exact entry and its proof, and the checkpoint is the newest among them', () => {
  const { files, decisions, log } = samplePackage(21)

  for (const { index, entry, receipt } of decisions) {
    expect(decode(files.get(`entries/${index}.json`) ?? utf8(''))).toBe(entry)
    expect(decode(files.get(`proofs/${index}.tlog-proof`) ?? utf8(''))).toBe(receipt)
  }
  const note = parseNote(decode(files.get('checkpoint') ?? utf8('')))
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note
  expect(checkpoint).toMatchObject({
    ok: true,
    value: { origin: log.origin, size: Math.max(...decisions.map(({ treeSize }) => treeSize)) },
  })
})

test('a report without decisions carries the checkpoint of the log', () => {
  const log = new SampleLog()
  record(log, 5)
  const checkpoint = log.checkpoint()

  const files = buildPackage({ head: headOf(log), decisions: [], vkey: log.vkey, checkpoint, documents, sha256 })

  expect(decode(files.get('checkpoint') ?? utf8(''))).toBe(checkpoint)
  expect(decode(files.get('decisions.ndjson') ?? utf8('x'))).toBe('')
})

test('an entry that does not say when it was recorded is a fault, not a report', () => {
  const { log, decisions } = samplePackage(1)
  const broken = decisions.map((one) => ({ ...one, entry: '{}' }))
  const parts = { head: headOf(log), decisions: broken, vkey: log.vkey, checkpoint: '', documents, sha256 }

  expect(() => buildPackage(parts)).toThrow('does not say when it was recorded')
})
