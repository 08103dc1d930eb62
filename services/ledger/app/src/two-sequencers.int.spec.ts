import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalog, type EventData } from '@weir/contracts'
import { appendLeaves, emptyFrontier, leafHash, parseCheckpoint, parseNote, rootOf, toHex, utf8 } from '@weir/ledger-verifier'
import { createKafkaTransport, type Transport } from '@weir/messaging'
import { testBrokers, testDatabase, until, type TestDatabase } from '@weir/testing'
import { pino } from 'pino'
import { decisions, proven } from '../test/hosted-ledger.js'
import { ensureLedgerKey, ledgerService } from './index.js'
import { sha256 } from './outbound/checkpoint-signer.js'

const kafka = await testBrokers()
const shared = 'skipped' in kafka ? undefined : kafka
const onKafka = shared === undefined ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''
const root = join(import.meta.dirname, '../../../..')
const ORIGIN = 'weir.test/two'

onKafka(`two processes that both take themselves for the sequencer${reason}`, () => {
  let at: TestDatabase
  let transport: Transport
  const folder = mkdtempSync(join(tmpdir(), 'weir-two-'))
  const keyFile = join(folder, 'ledger.pem')
  const vkey = ensureLedgerKey(keyFile, ORIGIN)
  const prefix = `two-${randomBytes(6).toString('hex')}.`
  const recorded: EventData<'weir.entry.recorded.v1'>[] = []
  const processes: ChildProcess[] = []

  beforeAll(async () => {
    at = await testDatabase({ service: 'ledger', migrations: ledgerService.migrations })
    transport = createKafkaTransport({ brokers: shared?.brokers ?? [], clientId: 'spec', prefix, logger: pino({ level: 'silent' }) })
    await transport.ensureTopics(['weir.ledger', 'weir.decisions'])
    await transport.consume({
      group: 'listener',
      topics: ['weir.ledger'],
      onAssigned: (all) => Promise.resolve(all.map((one) => ({ ...one, nextOffset: 0n, epoch: 1 }))),
      onBatch: ({ messages }) => {
        const { schema } = catalog['weir.entry.recorded.v1']
        recorded.push(...messages.map(({ value }) => schema.parse(JSON.parse(value ?? ''))))
        return Promise.resolve()
      },
    })
  })
  afterAll(async () => {
    for (const one of processes) one.kill('SIGKILL')
    await transport.close()
    await at.drop()
    await shared?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(): ChildProcess {
    const one = fork(join(import.meta.dirname, 'main.ts'), {
      cwd: root,
      execArgv: ['--conditions=source', '--import', join(root, 'tools/source-loader.mjs')],
      env: {
        PATH: process.env['PATH'],
        WEIR_BROKERS: shared?.brokers.join(','),
        WEIR_TOPIC_PREFIX: prefix,
        WEIR_INTERNAL_TOKEN: 'let-me-in',
        WEIR_LOG_LEVEL: 'silent',
        WEIR_DATABASE_URL_LEDGER: at.url,
        WEIR_LEDGER_KEY_FILE: keyFile,
        WEIR_LEDGER_ORIGIN: ORIGIN,
      },
    })
    processes.push(one)
    return one
  }
  const distinct = () => new Set(recorded.map(({ subjectId }) => subjectId)).size
  const awaitAll = (count: number) => until(() => distinct() === count, { describe: `${count} decisions have receipts`, timeoutMs: 60_000 })

  it('leave one log: dense numbers, each decision once, and one root that all receipts lead to', async () => {
    const former = start()
    await transport.publish(decisions(50))
    await awaitAll(50)
    await transport.publish(decisions(100))
    former.kill('SIGSTOP')
    await transport.publish(decisions(100))
    start()
    await awaitAll(250)
    former.kill('SIGCONT')
    for (let rounds = 0; rounds < 10; rounds += 1) await transport.publish(decisions(25))
    await awaitAll(500)

    const entries = await at.database.query<{ index: string; leaf: string; subject: string }>(
      'select index, leaf, subject from entry order by index',
    )
    expect(entries.map(({ index }) => Number(index))).toEqual(Array.from({ length: 500 }, (_, n) => n))
    expect(new Set(entries.map(({ subject }) => subject)).size).toBe(500)
    for (const entry of recorded) expect(proven(entry, vkey)).toMatchObject({ ok: true, value: { index: entry.index } })
    for (const { index, entry } of recorded) expect(entries[index]?.leaf).toBe(entry)
    expect(await rootsThatDiffer(entries.map(({ leaf }) => leaf))).toEqual([])
  }, 180_000)

  /** Every checkpoint that was ever handed out is the root of a beginning of the log. */
  async function rootsThatDiffer(leaves: readonly string[]): Promise<readonly string[]> {
    const rows = await at.database.query<{ receipt: string }>('select receipt from entry')
    const notes = new Set([...rows, ...recorded].map(({ receipt }) => receipt.slice(receipt.indexOf(ORIGIN))))
    return [...notes].filter((note) => {
      const parsed = parseNote(note)
      const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed
      if (!checkpoint.ok) return true
      const beginning = leaves.slice(0, checkpoint.value.size).map((leaf) => leafHash(utf8(leaf), sha256))
      const { frontier } = appendLeaves(emptyFrontier, { leaves: beginning, sha256 })
      return toHex(rootOf(frontier, sha256)) !== toHex(checkpoint.value.root)
    })
  }
})
