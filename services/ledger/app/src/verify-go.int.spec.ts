import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildGo } from '@weir/testing'
import { decisions, hostLedger, type HostedLedger } from '../test/hosted-ledger.js'

const source = fileURLToPath(new URL('../../../../tools/verify-go/', import.meta.url))
const built = mkdtempSync(join(tmpdir(), 'weir-verify-go-'))
const program = join(built, 'verify-go')

const missing = buildGo(source, program)
const withGo = missing === undefined ? describe : describe.skip

interface Verdict {
  readonly code: number
  readonly said: string
}

const verifyGo = (...words: readonly string[]): Promise<Verdict> =>
  new Promise((done) => {
    execFile(program, words, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? -1), said: stdout + stderr })
    })
  })

withGo(`an independent verifier${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let ledger: HostedLedger
  let front: Server
  let url: string
  const folder = mkdtempSync(join(tmpdir(), 'weir-verify-'))
  const [receipt, entry] = [join(folder, 'receipt'), join(folder, 'entry')]
  const receiptWords = ['-receipt', receipt, '-entry', entry]

  beforeAll(async () => {
    ledger = await hostLedger()
    await ledger.publish(decisions(120))
    await ledger.recorded(120)
    await ledger.publish(decisions(180))
    const recorded = await ledger.recorded(300)
    await ledger.files(300)
    const one = recorded.find(({ index }) => index === 77)
    writeFileSync(receipt, one?.receipt ?? '')
    writeFileSync(entry, one?.entry ?? '')
    // As the gateway does it: the log is public, the service behind it is not.
    front = createServer((request, response) => {
      ledger.get(request.url ?? '').then(
        ({ status, bytes }) => response.writeHead(status).end(bytes),
        () => response.destroy(),
      )
    })
    await new Promise<void>((done) => front.listen(0, '127.0.0.1', done))
    const address = front.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })
  afterAll(async () => {
    await new Promise((done) => front.close(done))
    await ledger.stop()
    for (const path of [built, folder]) rmSync(path, { recursive: true, force: true })
  })

  test('accepts the files and a receipt', async () => {
    const { code, said } = await verifyGo('-vkey', ledger.vkey, '-dir', ledger.dir, ...receiptWords)

    expect(said.split('\n').filter((line) => line !== '' && !line.startsWith('PASS'))).toEqual([])
    expect(said).toContain('PASS entries: 300 hash to the signed root')
    expect(said).toContain('PASS receipt: its tree is the beginning of this log')
    expect(code).toBe(0)
  })

  test('accepts what HTTP serves, and a receipt by itself', async () => {
    const overHttp = await verifyGo('-vkey', ledger.vkey, '-url', url, ...receiptWords)
    expect(overHttp).toMatchObject({ code: 0, said: expect.stringContaining('PASS tiles: 5 that the checkpoint demands') as string })
    expect(await verifyGo('-vkey', ledger.vkey, ...receiptWords)).toMatchObject({ code: 0 })
  })

  test('rejects every file with one bit changed, and every file missing', async () => {
    const copy = join(folder, 'copy')
    const verify = () => verifyGo('-vkey', ledger.vkey, '-dir', copy)
    const demanded = ['checkpoint', 'tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/44']
    expect(ledger.paths()).toEqual(expect.arrayContaining(demanded))
    cpSync(ledger.dir, copy, { recursive: true })
    for (const path of ledger.paths()) {
      const [file, bytes] = [join(copy, path), readFileSync(join(ledger.dir, path))]
      for (const at of [0, 1, bytes.length >> 1, bytes.length - 2, bytes.length - 1]) {
        const changed = Buffer.from(bytes)
        changed.writeUInt8(bytes.readUInt8(at) ^ 1, at)
        writeFileSync(file, changed)
        expect([path, at, (await verify()).code]).toEqual([path, at, 1])
      }
      writeFileSync(file, bytes.subarray(0, -1))
      expect([path, 'cut', (await verify()).code]).toEqual([path, 'cut', 1])
      rmSync(file)
      if (demanded.includes(path)) expect([path, 'gone', (await verify()).code]).toEqual([path, 'gone', 1])
      writeFileSync(file, bytes)
    }
    expect((await verify()).code).toBe(0)
    writeFileSync(join(copy, 'tile/0/notes'), '')
    expect(await verify()).toMatchObject({ code: 1, said: expect.stringContaining('FAIL tile/0/notes: is no part of a log') as string })
  })

  test('rejects a receipt for another entry, and the key of another log', async () => {
    const original = readFileSync(entry)
    writeFileSync(entry, `${original.toString()} `)
    expect(await verifyGo('-vkey', ledger.vkey, ...receiptWords)).toMatchObject({
      code: 1,
      said: expect.stringContaining('FAIL') as string,
    })
    writeFileSync(entry, original)
    const other = await hostLedger()
    try {
      await other.publish(decisions(1))
      await other.files(1)
      expect(await verifyGo('-vkey', other.vkey, '-dir', ledger.dir)).toMatchObject({ code: 1 })
      expect(await verifyGo('-vkey', other.vkey, ...receiptWords)).toMatchObject({ code: 1 })
    } finally {
      await other.stop()
    }
  })

  test('rejects a log that its own key signed a second time with other entries', async () => {
    const fork = await hostLedger(ledger)
    try {
      await fork.publish(decisions(5))
      await fork.files(5)
      const words = ['-vkey', ledger.vkey, '-dir', fork.dir]
      expect(await verifyGo(...words)).toMatchObject({ code: 0 })
      const short = await verifyGo(...words, ...receiptWords)
      expect(short).toMatchObject({ code: 1, said: expect.stringContaining('FAIL receipt: this copy of the log ends at 5') as string })
      await fork.publish(decisions(300))
      await fork.files(305)
      const forked = await verifyGo(...words, ...receiptWords)
      expect(forked).toMatchObject({
        code: 1,
        said: expect.stringContaining('FAIL receipt: its tree is no beginning of this log') as string,
      })
    } finally {
      await fork.stop()
    }
  })

  test('says nothing of a log that it cannot reach, nor when it is asked wrongly', async () => {
    expect(await verifyGo('-vkey', ledger.vkey, '-url', 'http://127.0.0.1:1')).toMatchObject({ code: 2 })
    expect(await verifyGo('-dir', ledger.dir)).toMatchObject({ code: 2 })
    expect(await verifyGo('-vkey', 'nonsense', '-dir', ledger.dir)).toMatchObject({ code: 2 })
  })
})
