import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTlogProof, utf8 } from '@weir/ledger-verifier'
import { documents, dropFolder, files, folder, log, textOf, unpack, unused, verifier } from '../test/packed-report.js'
import { SampleLog } from '@weir/testing'
import { samplePackage } from '../test/sample-log.js'
import { changed, edited, fitted, flipped, numbers, partsOf } from '../test/tampering.js'
import { MANIFEST, writeZip, type PackageFiles } from './index.js'

const zip = writeZip(files)

interface Verdict {
  readonly code: number
  readonly lines: readonly string[]
  readonly complaint: string
}

function runWith(node: readonly string[], words: readonly string[]): Promise<Verdict> {
  const [program = '', ...before] = node
  return new Promise((done) => {
    execFile(program, [...before, verifier, ...words], { env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) => {
      done({
        code: error === null ? 0 : Number(error.code ?? -1),
        lines: stdout.split('\n').filter((line) => line !== ''),
        complaint: stderr,
      })
    })
  })
}
const run = (...words: readonly string[]): Promise<Verdict> => runWith([process.execPath], words)

/** Of a file with these bytes, by somebody who knows the key. */
async function verdictOf(bytes: Uint8Array, vkey: string | undefined = log.vkey): Promise<Verdict> {
  const file = unused('report.zip')
  writeFileSync(file, bytes)
  const verdict = await run(file, ...(vkey === '' ? [] : ['--vkey', vkey]))
  rmSync(file)
  return verdict
}
const verdictOfFiles = (given: PackageFiles, vkey?: string): Promise<Verdict> => verdictOf(writeZip(given), vkey)
const fails = (verdict: Verdict): readonly string[] => verdict.lines.filter((line) => line.startsWith('FAIL'))

/** Two at a time: each is a process. */
async function eachOf<T>(all: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await check(one)
  }
  await Promise.all([worker(), worker()])
}

afterAll(dropFolder)

describe('the program', () => {
  test('is one file that asks for nothing but Node, and for nothing of the network', () => {
    const text = readFileSync(verifier, 'utf8')
    const imports = [...text.matchAll(/^\s*import\s[^;]*?from\s+"([^"]+)"/gm)].map(([, from]) => from)

    expect(new Set(imports)).toEqual(new Set(['node:crypto', 'node:fs', 'node:path']))
    expect(text).not.toMatch(/\bimport\s*\(|\brequire\s*\(|\bfetch\s*\(|XMLHttpRequest|WebSocket|\beval\s*\(/)
    expect(text.length).toBeLessThan(150_000)
  })

  test('passes an honest package, zipped and unpacked, and says under which key', async () => {
    const zipped = await verdictOf(zip)

    expect(zipped.code).toBe(0)
    expect(zipped.lines.map((line) => line.split(':')[0])).toEqual(
      ['container', 'files', 'signature', 'inclusion', 'disclosures', 'tables', 'count'].map((name) => `PASS ${name}`),
    )
    expect(zipped.lines[2]).toContain('under the key that was given')
    expect(await run(unpack(files), '--vkey', log.vkey)).toMatchObject({ code: 0, lines: zipped.lines.slice(1) })
    expect((await verdictOf(zip, '')).lines[2]).toContain('the key is the package’s own')
  })

  const older = '/usr/bin/node'
  const version = existsSync(older) ? spawnSync(older, ['--version'], { encoding: 'utf8', env: {} }).stdout.trim() : 'absent'
  const withOlder = /^v2[0-3]\./.test(version) ? describe : describe.skip
  withOlder(`on an older Node (${version})`, () => {
    test('says the same', async () => {
      const file = unused('report.zip')
      writeFileSync(file, zip)
      expect((await runWith([older], [file, '--vkey', log.vkey])).code).toBe(0)
      writeFileSync(file, flipped(zip, 100))
      expect((await runWith([older], [file, '--vkey', log.vkey])).code).toBe(1)
    })
  })

  const canUnshare = spawnSync('unshare', ['-rn', 'true']).status === 0
  const withoutNetwork = canUnshare ? describe : describe.skip
  withoutNetwork(`without any network${canUnshare ? '' : ' (skipped: no network namespaces here)'}`, () => {
    test('says the same', async () => {
      const file = unused('report.zip')
      writeFileSync(file, zip)
      expect((await runWith(['unshare', '-rn', process.execPath], [file, '--vkey', log.vkey])).code).toBe(0)
    })
  })

  test('ends with 2 where it is called wrongly or finds nothing to look at', async () => {
    const file = unused('report.zip')
    writeFileSync(file, zip)
    const empty = unused('empty')
    mkdirSync(empty)
    for (const words of [[], [file, file], [file, '--vkey'], ['--vkey', log.vkey], ['--help-me', file]]) {
      expect([words.length, await run(...words)]).toMatchObject([
        words.length,
        { code: 2, complaint: expect.stringContaining('usage:') as string },
      ])
    }
    expect(await run(join(folder, 'absent.zip'))).toMatchObject({ code: 2, lines: [] })
    expect(await run(empty)).toMatchObject({
      code: 2,
      lines: [expect.stringMatching(/^INCOMPLETE files/), expect.stringMatching(/^INCOMPLETE tables/)],
    })
  })

  test('ends with 2 where evidence is missing from a folder and nothing is wrong with the rest', async () => {
    const unpacked = unpack(files)
    rmSync(join(unpacked, MANIFEST))
    expect(await run(unpacked, '--vkey', log.vkey)).toMatchObject({
      code: 2,
      lines: expect.arrayContaining([`INCOMPLETE files: ${MANIFEST} is missing`]) as string[],
    })
  })

  test('fails what is no package at all', async () => {
    for (const bytes of [utf8(''), utf8('not a report'), new Uint8Array(5000), writeZip(new Map())]) {
      expect(await verdictOf(bytes)).toMatchObject({ code: 1, lines: ['FAIL container: this is not a report package'] })
    }
  })
})

describe('one changed byte', () => {
  const random = numbers(20_261_126)

  test('of any file fails, and the line names the file', async () => {
    const flips = partsOf(files).flatMap(({ path, from, to }) => {
      const spots = new Set([from, (from + to) >> 1, to - 1, from + random(to - from)])
      return [...spots].map((at) => ({ path, at, bit: random(8) }))
    })
    expect(new Set(flips.map(({ path }) => path)).size).toBe(files.size)

    await eachOf(flips, async ({ path, at, bit }) => {
      const verdict = await verdictOf(flipped(zip, at, bit))
      const named = path === MANIFEST ? /^FAIL files: / : new RegExp(`^FAIL files: .*${path.replaceAll('.', '\\.')}`)
      // Five names a line at most, and one flip is one name.
      expect([path, at, verdict.code, verdict.lines.some((line) => named.test(line))]).toEqual([path, at, 1, true])
      expect(verdict.lines[0]).toMatch(/^FAIL container: this is not the ZIP/)
    })
  }, 180_000)

  test('around the files fails, and the line says where', async () => {
    const inside = (at: number) => partsOf(files).some(({ from, to }) => at >= from && at < to)
    const outside = Array.from({ length: zip.length }, (_, at) => at).filter((at) => !inside(at))
    const spots = [outside[0] ?? 0, outside.at(-1) ?? 0, ...Array.from({ length: 60 }, () => outside[random(outside.length)] ?? 0)]

    await eachOf(spots, async (at) => {
      const verdict = await verdictOf(flipped(zip, at, random(8)))
      expect([at, verdict.code, /^FAIL container/.test(verdict.lines[0] ?? '')]).toEqual([at, 1, true])
    })
  }, 120_000)

  test('in an unpacked folder fails, and the line names the file', async () => {
    const unpacked = unpack(files)
    await [...files.keys()]
      .filter((path, n) => n % 6 === 0 && path !== MANIFEST)
      .reduce(async (before, path) => {
        await before
        const content = files.get(path) ?? new Uint8Array(0)
        writeFileSync(join(unpacked, path), flipped(content, random(content.length)))
        const verdict = await run(unpacked, '--vkey', log.vkey)
        expect([path, verdict.code, verdict.lines[0]]).toEqual([path, 1, `FAIL files: changed, missing or not listed: ${path}`])
        writeFileSync(join(unpacked, path), content)
      }, Promise.resolve())
    writeFileSync(join(unpacked, 'notes.txt'), 'x')
    expect((await run(unpacked, '--vkey', log.vkey)).lines[0]).toBe('FAIL files: changed, missing or not listed: notes.txt')
  }, 60_000)
})

describe('whole changes, made by somebody who leaves the manifest as it is', () => {
  test('a file dropped', async () => {
    await eachOf(
      [...files.keys()].filter((path) => path !== MANIFEST),
      async (path) => {
        const verdict = await verdictOfFiles(changed(files, { [path]: undefined }))
        expect([path, verdict.code, verdict.lines.some((line) => line.startsWith('FAIL files:') && line.includes(path))]).toEqual([
          path,
          1,
          true,
        ])
      },
    )
  }, 120_000)

  test('the manifest dropped', async () => {
    const verdict = await verdictOfFiles(new Map([...files].filter(([path]) => path !== MANIFEST)))
    expect(verdict).toMatchObject({ code: 2, lines: expect.arrayContaining([`INCOMPLETE files: ${MANIFEST} is missing`]) as string[] })
  })

  test('a file added, also one that leaves the folder', async () => {
    expect(await verdictOfFiles(changed(files, { 'notes.txt': 'x' }))).toMatchObject({
      code: 1,
      lines: expect.arrayContaining(['FAIL files: changed, missing or not listed: notes.txt']) as string[],
    })
    const evil = Buffer.from(writeZip(changed(files, { 'xx/passwd': 'x' })))
    for (let at = evil.indexOf('xx/passwd'); at >= 0; at = evil.indexOf('xx/passwd', at + 1)) evil.write('../passwd', at)
    const verdict = await verdictOf(evil)
    expect([verdict.code, verdict.lines[0]]).toEqual([1, expect.stringMatching(/^FAIL container/)])
  })

  test('two entries changed over, by name and in order', async () => {
    const [a, b] = ['entries/2.json', 'entries/3.json']
    const over = changed(files, { [a]: files.get(b), [b]: files.get(a) })
    expect(fails(await verdictOfFiles(over)).map((line) => line.slice(0, 30))).toEqual([
      'FAIL files: changed, missing o',
      'FAIL inclusion: not proven to ',
      'FAIL disclosures: not what the',
    ])
    expect(fails(await verdictOfFiles(fitted(over)))[0]).toMatch(/^FAIL inclusion: .*entries\/2\.json.*entries\/3\.json/)
    const order = [...files]
    const [from, to] = [order.findIndex(([path]) => path === a), order.findIndex(([path]) => path === b)]
    order.splice(from, 1, order.splice(to, 1, order[from] ?? [a, utf8('')])[0] ?? [b, utf8('')])
    const moved = await verdictOfFiles(new Map(order))
    expect([moved.code, fails(moved)]).toEqual([1, [`FAIL files: ${MANIFEST} has other text than these files in this order give`]])
  })

  test('bytes before, behind and missing', async () => {
    for (const bytes of [
      Buffer.concat([utf8('x'), zip]),
      Buffer.concat([zip, utf8('x')]),
      zip.subarray(0, -1),
      zip.subarray(0, zip.length >> 1),
    ]) {
      const verdict = await verdictOf(bytes)
      expect([verdict.code, verdict.lines[0]?.slice(0, 15)]).toEqual([1, 'FAIL container:'])
    }
  })

  test('the verifier in the package replaced', async () => {
    const verdict = await verdictOfFiles(changed(files, { 'verify.mjs': 'process.stdout.write("PASS everything\\n")\n' }))
    expect([verdict.code, fails(verdict)]).toEqual([1, ['FAIL files: changed, missing or not listed: verify.mjs']])
  })
})

describe('whole changes, made by somebody who makes the manifest fit', () => {
  const cases: readonly (readonly [string, PackageFiles, string])[] = [
    [
      'a cell of the CSV alone',
      edited(files, 'decisions.csv', (csv) => csv.replace('Acme Research GmbH', 'Acme Research AG')),
      'FAIL tables: decisions.csv disagrees',
    ],
    [
      'the legal status in the CSV',
      edited(files, 'decisions.csv', (csv) => csv.replace(',in-force,', ',company-policy,')),
      'FAIL tables: decisions.csv disagrees',
    ],
    [
      'the legal status in the NDJSON',
      edited(files, 'decisions.ndjson', (text) => text.replace('"in-force"', '"guidance"')),
      'FAIL disclosures: not what the log committed to: outcome of entry',
    ],
    [
      'the outcome in report.json',
      edited(files, 'report.json', (text) => text.replace('"outcome":"deny"', '"outcome":"approve"')),
      'FAIL tables: report.json disagrees',
    ],
    [
      'the number of decisions',
      edited(files, 'report.json', (text) => text.replace('"count":26', '"count":25')),
      'FAIL tables: report.json disagrees',
    ],
    [
      'rows of the CSV in another order',
      edited(files, 'decisions.csv', (csv) => swapLines(csv, '\r\n')),
      'FAIL tables: decisions.csv disagrees',
    ],
    [
      'lines of the NDJSON in another order',
      edited(files, 'decisions.ndjson', (text) => swapLines(text, '\n')),
      'FAIL count: decisions are not in the order of the log',
    ],
    [
      'a row of the CSV left out',
      edited(files, 'decisions.csv', (csv) => csv.split('\r\n').toSpliced(2, 1).join('\r\n')),
      'FAIL tables: decisions.csv disagrees',
    ],
    [
      'a receipt',
      edited(files, 'proofs/2.tlog-proof', (text) => text.replace('index 2', 'index 3')),
      'FAIL inclusion: not proven to be in the log: entries/2.json by proofs/2.tlog-proof',
    ],
    [
      'a receipt of another entry',
      changed(files, { 'proofs/2.tlog-proof': files.get('proofs/3.tlog-proof') }),
      'FAIL inclusion: not proven to be in the log: entries/2.json by proofs/2.tlog-proof',
    ],
    [
      'the root in a receipt',
      changed(files, { 'proofs/2.tlog-proof': withOtherRoot(textOf('proofs/2.tlog-proof')) }),
      'FAIL signature: not signed by weir.test/ledger: proofs/2.tlog-proof',
    ],
    [
      'an entry',
      edited(files, 'entries/2.json', (text) => text.replace('"revision":1', '"revision":2')),
      'FAIL inclusion: not proven to be in the log: entries/2.json',
    ],
    ['the key', changed(files, { 'key.txt': `${new SampleLog().vkey}\n` }), 'FAIL signature: key.txt is not the key that was given'],
    [
      'the checkpoint of another log',
      changed(files, { checkpoint: otherCheckpoint() }),
      'FAIL signature: not signed by weir.test/ledger: checkpoint',
    ],
    [
      'an entry and its proof added',
      changed(files, { 'entries/0.json': log.entries[0]?.leaf, 'proofs/0.tlog-proof': log.entries[0]?.receipt }),
      'FAIL count: entries/0.json belongs to no decision',
    ],
    ['a file added', changed(files, { 'notes.txt': 'x' }), 'FAIL files: no part of a report: notes.txt'],
    ['a file dropped', changed(files, { 'VERIFY.md': undefined }), 'FAIL files: missing: VERIFY.md'],
    [
      'an entry dropped',
      changed(files, { 'entries/2.json': undefined }),
      'FAIL inclusion: not proven to be in the log: entries/2.json is missing',
    ],
  ]
  test.each(cases)('%s', async (_, given, line) => {
    const verdict = await verdictOfFiles(fitted(given))

    expect(verdict.code).toBe(1)
    expect(verdict.lines.map((one) => one.slice(0, line.length))).toContain(line)
    expect(verdict.lines[0]).toMatch(/^PASS container/)
  })

  test('a whole package of another key passes only for who brings no key', async () => {
    const { files: forged } = samplePackage(26, { documents, log: new SampleLog() })
    expect(await verdictOfFiles(forged, '')).toMatchObject({ code: 0 })
    const verdict = await verdictOfFiles(forged)
    expect([verdict.code, fails(verdict)[0]]).toEqual([1, 'FAIL signature: key.txt is not the key that was given'])
    expect((await verdictOf(zip, 'nonsense')).code).toBe(1)
  })
})

function swapLines(text: string, end: string): string {
  const [first = '', second = '', third = '', ...rest] = text.split(end)
  return [first, third, second, ...rest].join(end)
}

function withOtherRoot(receipt: string): string {
  const proof = parseTlogProof(receipt)
  const rootLine = proof.ok ? (proof.value.checkpoint.split('\n')[2] ?? '') : ''
  const other = Buffer.from(Buffer.from(rootLine, 'base64').map((byte) => byte ^ 1))
  return receipt.replace(rootLine, other.toString('base64'))
}

function otherCheckpoint(): string {
  return samplePackage(5, { log: new SampleLog() }).log.checkpoint()
}
