import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decisions, dropFolder, files, folder, log, root, textOf, unpack, unused } from '../test/packed-report.js'
import { SampleLog } from '@weir/testing'
import { changed, edited } from '../test/tampering.js'
import { writeZip } from './index.js'

const zip = writeZip(files)

afterAll(dropFolder)

describe('with tools that nobody here wrote', () => {
  const guide = readFileSync(join(root, 'services/reports/app/documents/verify.md'), 'utf8')
  const blocks = (language: string) =>
    [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, block]) => block ?? '')
  const [sums = '', signature = '', section = ''] = blocks('sh')
  const has = (program: string, ...words: string[]) => spawnSync(program, words).status === 0
  const shell = (at: string, script: string) => spawnSync('sh', ['-ec', script], { cwd: at, encoding: 'utf8' })
  const describeWith = (...programs: string[]) =>
    programs.every((program) => has('sh', '-c', `command -v ${program}`)) ? describe : describe.skip

  describeWith('unzip')('unzip', () => {
    test('unpacks the package to exactly its files', () => {
      const file = unused('report.zip')
      writeFileSync(file, zip)
      expect(shell(folder, `unzip -t -q '${file}'`)).toMatchObject({ status: 0 })
      const to = unused('unzipped')
      expect(shell(folder, `unzip -q '${file}' -d '${to}'`)).toMatchObject({ status: 0 })
      for (const [path, content] of files) expect([path, readFileSync(join(to, path)).equals(content)]).toEqual([path, true])
    })
  })

  describeWith('python3')('python3', () => {
    test('reads names, checksums and contents of any UTF-8 name', () => {
      const file = unused('report.zip')
      writeFileSync(file, writeZip(changed(files, { 'Søren 深圳.txt': 'ä' })))
      const script =
        'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(len(z.namelist()), z.read("Søren 深圳.txt").decode())'
      const read = spawnSync('python3', ['-X', 'utf8', '-c', script, file], { encoding: 'utf8' })
      expect([read.stderr, read.stdout]).toEqual(['', `${files.size + 1} ä\n`])
    })
  })

  describeWith(
    'openssl',
    'sha256sum',
    'jq',
    'base64',
  )('what VERIFY.md prints for sha256sum, OpenSSL and jq', () => {
    const at = unpack(files)
    const line = (path: string, edit: (text: string) => string) => {
      const copy = unused('tampered')
      cpSync(at, copy, { recursive: true })
      writeFileSync(join(copy, path), edit(readFileSync(join(copy, path), 'utf8')))
      return copy
    }

    test('finds the files good, and finds a changed one', () => {
      expect(shell(at, sums)).toMatchObject({ status: 0, stdout: 'files: good\n' })
      expect(
        shell(
          line('decisions.csv', (csv) => csv.replace('deny', 'hold')),
          sums,
        ).stdout,
      ).not.toContain('files: good')
    })

    test('finds the signature good, and finds a changed checkpoint', () => {
      expect(shell(at, signature)).toMatchObject({ status: 0, stdout: 'Signature Verified Successfully\n' })
      const size = textOf('checkpoint').split('\n')[1] ?? ''
      const tampered = line('checkpoint', (note) => note.replace(`\n${size}\n`, `\n${Number(size) + 1}\n`))
      expect(shell(tampered, signature)).toMatchObject({ status: 1, stdout: expect.stringContaining('Failure') as string })
    })

    test('gives the digest that the entry holds, for every section of the first entry', () => {
      for (const name of Object.keys(decisions[0]?.sections ?? {})) {
        const ran = shell(at, section.replace('name=outcome', `name=${name}`))
        const [computed, committed] = ran.stdout.trim().split('\n')
        expect([name, computed]).toEqual([name, committed])
        expect(computed).toMatch(/^[\w-]{43}$/)
      }
    })
  })

  const goSource = join(root, 'tools/verify-go')
  const check = join(folder, 'check')
  const ready = has('go', 'version') && buildCheck()
  const withGo = ready ? describe : describe.skip
  withGo(`what VERIFY.md prints for Go${ready ? '' : ' (skipped: no Go, or no golang.org/x/mod)'}`, () => {
    const go = (at: string, key: string) => spawnSync(check, [key], { cwd: at, encoding: 'utf8' })

    test('finds every entry in the log', () => {
      expect(go(unpack(files), log.vkey)).toMatchObject({ status: 0, stdout: `PASS 26 entries are in the log of ${log.origin}\n` })
    })

    test('finds a changed entry, a proof of another one and another key', () => {
      const entry = edited(files, 'entries/3.json', (text) =>
        text.replace('"revision":1', '"revision":3').replace('"revision":2', '"revision":4'),
      )
      expect(go(unpack(entry), log.vkey)).toMatchObject({ status: 1, stdout: expect.stringContaining('FAIL entries/3.json') as string })
      const proof = changed(files, { 'proofs/3.tlog-proof': files.get('proofs/2.tlog-proof') })
      expect(go(unpack(proof), log.vkey)).toMatchObject({ status: 1, stdout: expect.stringContaining('the proof is of entry 2') as string })
      expect(go(unpack(files), new SampleLog().vkey)).toMatchObject({ status: 1 })
    })
  })

  function buildCheck(): boolean {
    const at = unused('go')
    mkdirSync(at)
    writeFileSync(join(at, 'main.go'), blocks('go')[0] ?? '')
    for (const file of ['go.mod', 'go.sum']) cpSync(join(goSource, file), join(at, file))
    if (spawnSync('go', ['mod', 'download'], { cwd: at }).status !== 0) return false
    const built = spawnSync('go', ['build', '-buildvcs=false', '-o', check, '.'], { cwd: at, encoding: 'utf8' })
    if (built.status !== 0) throw new Error(built.stderr)
    return true
  }
})
