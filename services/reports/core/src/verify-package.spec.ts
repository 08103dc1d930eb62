import { parseTlogProof, utf8 } from '@weir/ledger-verifier'
import { SampleLog } from '@weir/testing'
import { crypto, decode, documents, headOf, leafOf, record, samplePackage, sha256 } from '../test/sample-log.js'
import { changed, edited, fitted, flipped, numbers } from '../test/tampering.js'
import { buildPackage, MANIFEST } from './build-package.js'
import type { ProvenDecision } from './decision-record.js'
import { verifyPackage } from './verify-package.js'
import type { PackageFiles } from './zip.js'

const { files, log, decisions } = samplePackage(24)
const verify = (given: PackageFiles, vkey?: string) => verifyPackage(given, { crypto, decode, vkey })
const lines = (given: PackageFiles, vkey: string | undefined = log.vkey) =>
  verify(given, vkey).map(({ name, verdict, detail }) => `${verdict} ${name}: ${detail}`)
const failures = (given: PackageFiles, vkey?: string) => lines(given, vkey).filter((line) => !line.startsWith('PASS'))
const pathsOf = (pattern: RegExp) => [...files.keys()].filter((path) => pattern.test(path))
const content = (path: string): Uint8Array => files.get(path) ?? new Uint8Array(0)

test('an honest package passes every check', () => {
  expect(lines(files)).toEqual([
    `PASS files: ${files.size - 1} files have the digests of the manifest`,
    `PASS signature: 25 checkpoints by weir.test/ledger; under the key that was given`,
    'PASS inclusion: 24 entries are in the log',
    'PASS disclosures: 24 decisions are what their entries commit to',
    'PASS tables: report.json, decisions.ndjson and decisions.csv agree',
    `PASS count: 24 decisions, told of the first ${log.entries.length} entries of the log`,
  ])
  expect(verify(files)[1]?.detail).toContain('the key is the package’s own: compare it')
})

test('a report of no decisions passes too, of an empty log as of another one', () => {
  for (const entries of [0, 5]) {
    const other = new SampleLog()
    if (entries > 0) record(other, entries)
    const checkpoint = entries > 0 ? other.checkpoint() : ''
    const empty = buildPackage({ head: headOf(other), decisions: [], vkey: other.vkey, checkpoint, documents, sha256 })
    expect(failures(empty, other.vkey)).toEqual([])
    if (entries > 0) expect(failures(fitted(changed(empty, { checkpoint: '' })), other.vkey)).toEqual(['FAIL signature: not signed by weir.test/ledger: checkpoint']) // prettier-ignore
  }
})

describe('one bit anywhere, with the manifest made to fit again', () => {
  const random = numbers(7)
  const spots = (path: string) => {
    const size = content(path).length
    return [...new Set([0, 1, size >> 1, size - 2, size - 1, random(size), random(size), random(size)])]
  }
  const everyFlip = (path: string) =>
    spots(path).map((at) => ({ at, lines: failures(fitted(changed(files, { [path]: flipped(content(path), at, random(8)) }))) }))

  test.each(pathsOf(/^entries\//))('%s is no longer in the log', (path) => {
    for (const { lines: found } of everyFlip(path)) expect(found.join('\n')).toMatch(new RegExp(`^FAIL inclusion: [^\\n]*${path} by`, 'm'))
  })

  test.each(pathsOf(/^proofs\//))('%s proves nothing', (path) => {
    for (const { lines: found } of everyFlip(path))
      expect(found.join('\n')).toMatch(new RegExp(`^FAIL (inclusion|signature): [^\\n]*${path}`, 'm'))
  })

  test('key.txt is no key, or another one', () => {
    for (const { lines: found } of everyFlip('key.txt')) expect(found).toContain('FAIL signature: key.txt is not the key that was given')
  })

  test('the checkpoint is not signed, or not the newest of the proofs', () => {
    for (const { lines: found } of everyFlip('checkpoint')) {
      expect(found.join('\n')).toMatch(
        /^FAIL (signature: not signed by weir.test\/ledger: checkpoint|count: checkpoint is not the newest)/m,
      )
    }
  })

  test('decisions.csv disagrees', () => {
    for (const { lines: found } of everyFlip('decisions.csv'))
      expect(found).toEqual(['FAIL tables: decisions.csv disagrees with the other tables'])
  })

  test('decisions.ndjson is not what the log committed to, or not what the others say', () => {
    for (const { lines: found } of everyFlip('decisions.ndjson')) expect(found.join('\n')).toMatch(/^FAIL (tables|disclosures):/m)
  })

  test('what report.json lists disagrees', () => {
    const text = decode(content('report.json'))
    const [from, to] = [text.indexOf('"decisions":['), text.indexOf('],"from"')]
    for (let n = 0; n < 20; n++) {
      const at = from + 13 + random(to - from - 13)
      const found = failures(fitted(changed(files, { 'report.json': flipped(content('report.json'), at, random(7)) })))
      expect(found.join('\n')).toMatch(/^FAIL tables: (report\.json disagrees|report\.json does not say)/m)
    }
  })
})

test.each([...samplePackage(1).files.keys()])('every single byte of %s counts', (path) => {
  const small = samplePackage(1).files
  const bytes = small.get(path) ?? new Uint8Array(0)
  for (let at = 0; at < bytes.length; at++) {
    const tampered = new Map([...small].map(([name, was]) => [name, name === path ? flipped(bytes, at, at % 8) : was]))
    const [first] = verifyPackage(tampered, { crypto, decode })
    expect([at, first?.name, first?.verdict]).toEqual([at, 'files', 'FAIL'])
    if (path !== MANIFEST) expect(first?.detail).toContain(path)
  }
})

/** Each lies as far as the format allows: all tables agree and the manifest fits. */
function rewritten(changes: (one: ProvenDecision) => ProvenDecision, other: readonly ProvenDecision[] = decisions): PackageFiles {
  return buildPackage({ head: headOf(log), decisions: other.map(changes), vkey: log.vkey, checkpoint: log.checkpoint(), documents, sha256 })
}

function withOutcome(one: ProvenDecision, value: unknown): ProvenDecision {
  const { outcome, ...others } = one.sections
  return { ...one, sections: { ...others, outcome: { salt: outcome?.salt ?? '', value } } }
}

describe('a liar who rewrites all tables', () => {
  const [held] = decisions.filter(({ sections }) => JSON.stringify(sections['outcome']).includes('"hold"'))
  if (held === undefined) throw new Error('the sample holds nothing back')
  const at = `entry ${held.index}`
  const lie = (change: (one: ProvenDecision) => ProvenDecision) => rewritten((one) => (one === held ? change(one) : one))

  test.each<[string, PackageFiles, string]>([
    [
      'another outcome',
      lie((one) => withOutcome(one, { outcome: 'approve', reasons: [] })),
      `disclosures: not what the log committed to: outcome of ${at}`,
    ],
    [
      'another salt',
      lie((one) => ({ ...one, sections: { ...one.sections, who: { salt: 'x', value: one.sections['who']?.value } } })),
      `disclosures: not what the log committed to: who of ${at}`,
    ],
    [
      'a section withheld',
      lie(({ sections: { who: _, ...sections }, ...one }) => ({ ...one, sections })),
      `disclosures: not what the log committed to: who of ${at} is withheld`,
    ],
    [
      'a section invented',
      lie((one) => ({ ...one, sections: { ...one.sections, extra: { salt: 'x', value: 1 } } })),
      `disclosures: not what the log committed to: extra of ${at}`,
    ],
    [
      'another revision',
      lie((one) => ({ ...one, revision: 9 })),
      `disclosures: not what the log committed to: ${at} is of another decision`,
    ],
    [
      'another request',
      lie((one) => ({ ...one, requestId: '5f0c2c1e-8f0a-4e5d-9a41-ffffffffffff' })),
      `disclosures: not what the log committed to: ${at} is of another decision`,
    ],
    [
      'an entry that was never recorded',
      lie((one) => ({ ...one, entry: leafOf(one, 1) })),
      `inclusion: not proven to be in the log: entries/${held.index}.json by`,
    ],
    [
      'a decision outside the period',
      lie((one) => ({ ...one, decidedAt: '2026-03-03T00:00:00.000Z' })),
      `tables: ${at} lies outside the period`,
    ],
    [
      'a decision twice',
      rewritten(
        (one) => one,
        [...decisions, held].sort((a, b) => a.index - b.index),
      ),
      'count: decisions are not in the order of the log, or twice',
    ],
    ['another order', rewritten((one) => one, decisions.toReversed()), 'count: decisions are not in the order of the log, or twice'],
    [
      'a proof of another entry',
      lie((one) => ({ ...one, receipt: decisions[0]?.receipt ?? '' })),
      `inclusion: not proven to be in the log: entries/${held.index}.json by proofs/${held.index}.tlog-proof (`,
    ],
  ])('%s', (_, lying, line) => {
    const found = failures(lying)

    expect(found.map((one) => one.slice(0, `FAIL ${line}`.length))).toContain(`FAIL ${line}`)
    expect(found.filter((one) => one.startsWith('FAIL files'))).toEqual([])
  })

  test('another time of recording', () => {
    const lying = ['decisions.ndjson', 'decisions.csv', 'report.json'].reduce(
      (given, path) => edited(given, path, (text) => text.replaceAll('2026-03-02T08:01:00.250Z', '2026-03-02T08:01:00.251Z')),
      files,
    )
    expect(failures(fitted(lying))).toEqual(['FAIL disclosures: not what the log committed to: recordedAt of entry 2'])
  })

  test('an entry of another kind told as a decision', () => {
    const other = new SampleLog()
    const [decision] = record(other, 1)
    if (decision === undefined) throw new Error('no sample')
    const index = other.append([leafOf(decision, 5).replace('"type":"decision"', '"type":"policy"')])
    const { leaf, receipt, treeSize } = other.entries[index] ?? { leaf: '', receipt: '', treeSize: 0 }
    const told = { ...decision, index, entry: leaf, receipt, treeSize }
    const lying = buildPackage({ head: headOf(other), decisions: [told], vkey: other.vkey, checkpoint: '', documents, sha256 })
    expect(failures(lying, other.vkey)).toEqual([`FAIL disclosures: not what the log committed to: entry ${index} records no decision`])
  })
})

describe('keys and logs', () => {
  test('everything signed anew by another key passes only where nobody brings the right key', () => {
    const other = samplePackage(24, { log: new SampleLog() })
    expect(verify(other.files).every(({ verdict }) => verdict === 'PASS')).toBe(true)
    expect(failures(other.files)).toEqual(expect.arrayContaining(['FAIL signature: key.txt is not the key that was given']))
    expect(failures(fitted(changed(other.files, { 'key.txt': `${log.vkey}\n` })))[0]).toMatch(
      /^FAIL signature: not signed by weir.test\/ledger: checkpoint, proofs\/1/,
    )
  })

  test('the checkpoint of another log, and an older one of this log', () => {
    const other = samplePackage(24, { log: new SampleLog() })
    const foreign = other.files.get('checkpoint')
    expect(failures(fitted(changed(files, { checkpoint: foreign })))).toEqual([
      'FAIL signature: not signed by weir.test/ledger: checkpoint',
      'FAIL count: checkpoint is not the newest of the proofs',
    ])
    const older = parseTlogProof(decisions[0]?.receipt ?? '')
    const checkpoint = older.ok ? older.value.checkpoint : ''
    expect(failures(fitted(changed(files, { checkpoint })))).toEqual(['FAIL count: checkpoint is not the newest of the proofs'])
  })

  test('two trees of one size that the same key signed', () => {
    const two = new SampleLog()
    const honest = record(two, 2)
    const sameKey = (fork: SampleLog, signer: SampleLog) =>
      Object.assign(fork, { vkey: signer.vkey, sign: (text: string) => signer.sign(text) })
    const split = sameKey(new SampleLog(), two)
    split.append(['{"v":1}'])
    const leaves = honest.map((decision, n) => leafOf(decision, 1_800_000_000_000 + n))
    split.append(leaves)
    const second = split.entries[2]
    const mixed = honest.map((decision, n) => (n === 1 && second ? { ...decision, entry: second.leaf, receipt: second.receipt } : decision))
    const lying = buildPackage({ head: headOf(two), decisions: mixed, vkey: two.vkey, checkpoint: '', documents, sha256 })
    expect(failures(lying, two.vkey).join('\n')).toContain('the key signed two logs of 3 entries')
  })

  test('a report that names another log than its key, or says less of the log than it shows', () => {
    const parts = { decisions, vkey: log.vkey, checkpoint: '', documents, sha256 }
    const named = buildPackage({ ...parts, head: headOf(log, { origin: 'elsewhere' }) })
    expect(failures(named)).toEqual(['FAIL tables: report.json names another log than the key'])
    const short = buildPackage({ ...parts, head: headOf(log, { logSize: 3 }) })
    expect(failures(short)[0]).toMatch(/^FAIL count: entry 3 lies behind logSize/)
    const backwards = buildPackage({ ...parts, head: headOf(log, { from: headOf(log).to, to: headOf(log).from }) })
    expect(failures(backwards)[0]).toContain('report.json states no period')
  })
})

describe('what is missing is incomplete, never good', () => {
  test.each(['decisions.ndjson', 'report.json', 'key.txt'])('%s', (path) => {
    const found = verify(fitted(changed(files, { [path]: undefined })), log.vkey)
    expect(found.map(({ name, verdict }) => `${verdict} ${name}`)).toEqual(['FAIL files', 'INCOMPLETE tables'])
    expect(found[1]?.detail).toBe(`missing: ${path}`)
  })

  test('the manifest', () => {
    const rest = new Map([...files].filter(([path]) => path !== MANIFEST))
    expect(verify(rest, log.vkey)[0]).toEqual({ name: 'files', verdict: 'INCOMPLETE', detail: `${MANIFEST} is missing` })
  })

  test.each([...pathsOf(/^[^/]+$/), 'entries/1.json', 'proofs/1.tlog-proof'].filter((path) => path !== MANIFEST))(
    'without %s, listed or not',
    (path) => {
      const without = changed(files, { [path]: undefined })
      expect(failures(without).join('\n')).toContain(path)
      expect(failures(fitted(without)).join('\n')).toContain(path)
    },
  )

  test('what is added shows, listed or not', () => {
    const added = changed(files, { 'notes.txt': 'x' })
    expect(failures(added)).toEqual(['FAIL files: changed, missing or not listed: notes.txt'])
    expect(failures(fitted(added))).toEqual(['FAIL files: no part of a report: notes.txt'])
    const stray = fitted(changed(files, { 'entries/999.json': '{}' }))
    expect(failures(stray)).toEqual(['FAIL count: entries/999.json belongs to no decision'])
  })

  test.each([
    ['a lone surrogate', '"us-west-2"', String.raw`"\ud800"`],
    ['an endless number', '"count":2', '"count":1e999'],
    ['no value', '"value":', '"velue":'],
  ])('%s in a section is a failure and no crash', (_, from, to) => {
    const found = failures(fitted(edited(files, 'decisions.ndjson', (text) => text.replace(from, to))))
    expect(found.join('\n')).toMatch(/^FAIL (tables|disclosures)/)
  })

  test('nonsense for tables is a failure and no crash', () => {
    for (const text of [
      '',
      '\n',
      'null\n',
      '[]\n',
      '{"requestId":1}\n',
      '{',
      '{"index":-1}\n',
      `${'['.repeat(50)}\n`,
      '"\\ud800"\n',
      '{"a":1e999}\n',
    ]) {
      for (const path of ['decisions.ndjson', 'report.json', 'decisions.csv']) {
        expect([path, text, failures(fitted(changed(files, { [path]: text }))).length > 0]).toEqual([path, text, true])
      }
    }
    expect(failures(fitted(changed(files, { 'key.txt': utf8('nonsense\n') })), '')[0]).toMatch(/^FAIL signature/)
  })
})
