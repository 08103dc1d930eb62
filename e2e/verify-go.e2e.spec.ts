import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stories, tellStories } from '@weir/demo'
import { buildGo } from '@weir/testing'
import { startWeir, type WeirProcess } from './weir-process.js'

const folder = mkdtempSync(join(tmpdir(), 'weir-e2e-go-'))
const program = join(folder, 'verify-go')
const missing = buildGo(fileURLToPath(new URL('../tools/verify-go/', import.meta.url)), program)
const withGo = missing === undefined ? describe : describe.skip

const verifyGo = (...words: readonly string[]) =>
  new Promise<{ readonly code: number; readonly lines: readonly string[] }>((done) => {
    execFile(program, words, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? -1), lines: `${stdout}${stderr}`.trimEnd().split('\n') })
    })
  })

const passed = ({ code, lines }: Awaited<ReturnType<typeof verifyGo>>) => ({
  code,
  other: lines.filter((line) => !line.startsWith('PASS')),
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

withGo(`the log of the demo, verified in Go${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let weir: WeirProcess

  // As `npm start`: run.json is there once the stories are told and their report is made.
  beforeAll(async () => {
    weir = await startWeir({ script: 'services/embedded/dist/main.js' })
  }, 240_000)
  afterAll(() => weir?.remove(), 60_000)

  it('holds every decision, as files and over HTTP', async () => {
    const { url, ledger } = weir.run
    const files = await verifyGo('-vkey', ledger.vkey, '-dir', join(weir.home, 'ledger'))
    expect(passed(files)).toEqual({ code: 0, other: [] })
    const counted = files.lines.flatMap((line) => /^PASS entries: (\d+) hash to the signed root/.exec(line)?.[1] ?? [])
    expect(counted.map(Number)).toEqual([expect.any(Number)])
    expect(Number(counted[0])).toBeGreaterThanOrEqual(stories.flatMap(({ steps }) => steps).length)
    expect(passed(await verifyGo('-vkey', ledger.vkey, '-url', url))).toEqual({ code: 0, other: [] })
  })

  it('holds the decision of every story, by its receipt, and no other', async () => {
    const told = await tellStories(weir.client, { vkey: weir.run.ledger.vkey, timeoutMs: 20_000, onTold: () => undefined })
    const [receipt, entry] = [join(folder, 'receipt'), join(folder, 'entry')]
    const words = ['-vkey', weir.run.ledger.vkey, '-url', weir.run.url, '-receipt', receipt, '-entry', entry]
    for (const { story, steps } of told) {
      for (const { answer } of steps) {
        const path = `/v1/provisioning-requests/${answer.id}`
        writeFileSync(receipt, (await weir.client.must({ path: `${path}/receipt` })).text)
        const bytes = (await weir.client.must({ path: `${path}/entry` })).text
        writeFileSync(entry, bytes)
        expect([story.id, passed(await verifyGo(...words))]).toEqual([story.id, { code: 0, other: [] }])
        writeFileSync(entry, bytes.replace(/"revision":\d+/, '"revision":99'))
        expect([story.id, (await verifyGo(...words)).code]).toEqual([story.id, 1])
      }
    }
  }, 120_000)
})
