import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '@weir/kernel'
import {
  appendLeaves,
  emptyFrontier,
  leafHash,
  parseCheckpoint,
  parseNote,
  rootOf,
  sectionDigest,
  toHex,
  utf8,
} from '@weir/ledger-verifier'
import { until } from '@weir/testing'
import { decisions, hostLedger, message, proven, sample, type HostedLedger } from '../test/hosted-ledger.js'
import { sha256 } from './outbound/checkpoint-signer.js'

let ledger: HostedLedger
beforeEach(async () => {
  ledger = await hostLedger()
})
afterEach(() => ledger.stop())

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

function checkpointOf(note: string) {
  const parsed = parseNote(note)
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed
  if (!checkpoint.ok) throw new Error(checkpoint.refusal)
  return checkpoint.value
}

const rootOfEntries = (entries: readonly string[]): string => {
  const leaves = entries.map((entry) => leafHash(utf8(entry), sha256))
  return toHex(rootOf(appendLeaves(emptyFrontier, { leaves, sha256 }).frontier, sha256))
}

test('decisions get dense numbers, and each a receipt that proves its entry', async () => {
  await ledger.publish(decisions(40))

  const recorded = await ledger.recorded(40)

  expect(recorded.map(({ index }) => index).sort((a, b) => a - b)).toEqual(numbers(40))
  for (const entry of recorded) expect(proven(entry, ledger.vkey)).toMatchObject({ ok: true, value: { index: entry.index } })
  const times = [...recorded].sort((a, b) => a.index - b.index).map(({ entry }) => (JSON.parse(entry) as { t: number }).t)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('an entry commits to the sections of its decision, and a receipt proves no other entry', async () => {
  const data = sample('weir.decision.made.v1')
  await ledger.publish([message({ type: 'weir.decision.made.v1', data })])

  const [recorded] = await ledger.recorded(1)

  const digests = Object.entries(data.sections).map(([name, section]) => [name, sectionDigest(name, section, { sha256, canonicalJson })])
  expect(recorded).toMatchObject({ kind: 'decision', subjectId: data.requestId, revision: data.revision, index: 0, treeSize: 1 })
  expect(JSON.parse(recorded?.entry ?? '')).toMatchObject({
    type: 'decision',
    request: data.requestId,
    revision: data.revision,
    sections: Object.fromEntries(digests),
  })
  const forged = recorded?.entry.replace('"revision":1', '"revision":2') ?? ''
  expect(recorded && proven({ ...recorded, entry: forged }, ledger.vkey)).toEqual({ ok: false, refusal: 'root-differs' })
})

test('the same decision again, by whatever event, gets the receipt that it got, and no second entry', async () => {
  const data = sample('weir.decision.made.v1')
  const id = randomUUID()
  const again = (eventId: string) => message({ type: 'weir.decision.made.v1', data, id: eventId })
  await ledger.publish([again(id), again(id), again(randomUUID())])
  await ledger.recorded(2)
  await ledger.publish([again(id), again(randomUUID()), message({ type: 'weir.decision.made.v1', data: { ...data, revision: 2 } })])

  const recorded = await ledger.recorded(4)

  expect(recorded.map(({ index }) => index)).toEqual([0, 0, 0, 1])
  expect(new Set(recorded.slice(0, 3).map((entry) => JSON.stringify(entry))).size).toBe(1)
  const { items } = JSON.parse((await ledger.get('/v1/ledger/entries')).bytes.toString()) as { items: { entry: string }[] }
  expect(items.map(({ entry }) => entry)).toEqual([recorded[0]?.entry, recorded[3]?.entry])
})

test('policies, cases, licenses and reports are recorded under the id of their event', async () => {
  const types = ['weir.policy.activated.v1', 'weir.case.resolved.v1', 'weir.license.registered.v1', 'weir.report.released.v1'] as const
  const ids = types.map(() => randomUUID())
  await ledger.publish(types.map((type, n) => message({ type, data: sample(type), id: ids[n] ?? '' })))

  const recorded = await ledger.recorded(types.length)

  const entries = recorded.map(({ kind, entry }) => ({ kind, ...(JSON.parse(entry) as { event: string; type: string }) }))
  for (const [n, type] of types.entries()) {
    const kind = type.split('.')[1]
    expect(entries).toContainEqual(expect.objectContaining({ kind, type: kind, event: ids[n] }))
  }
  for (const entry of recorded) expect(proven(entry, ledger.vkey).ok).toBe(true)
})

test.each([
  "update entry set leaf = '{}'",
  'delete from entry',
  'truncate entry',
  "update node set hash = ''",
  'delete from node',
  'truncate node',
  'delete from log_head',
  'insert into log_head ("only", size, edge, last_t) values (true, 0, \'{}\', 0)',
  'drop table entry',
  'alter table entry disable trigger all',
])('the role of the service may not rewrite its log: %s', async (statement) => {
  await ledger.publish(decisions(1))
  await ledger.recorded(1)

  await expect(ledger.sql(statement)).rejects.toMatchObject({ code: '42501' })
})

test('after a restart the log goes on where it was, and the older tree is the beginning of the newer one', async () => {
  await ledger.publish(decisions(9))
  await ledger.recorded(9)
  const older = checkpointOf(await ledger.files(9))

  await ledger.restart()
  await ledger.publish(decisions(4))
  const recorded = await ledger.recorded(13)

  const newer = checkpointOf(await ledger.files(13))
  const entries = [...recorded].sort((a, b) => a.index - b.index).map(({ entry }) => entry)
  expect(recorded.map(({ index }) => index).sort((a, b) => a - b)).toEqual(numbers(13))
  expect(toHex(older.root)).toBe(rootOfEntries(entries.slice(0, 9)))
  expect(toHex(newer.root)).toBe(rootOfEntries(entries))
})

test('around a full tile the files are what HTTP serves, and partial tiles go once the full one is there', async () => {
  const seen: string[][] = []
  let total = 0
  for (const step of [255, 1, 1]) {
    await ledger.publish(decisions(step))
    total += step
    await ledger.recorded(total)
    await ledger.files(total)
    // The partial tiles go right after the checkpoint.
    const settled = () => total < 256 || !ledger.paths().some((path) => /^tile\/(0|entries)\/000\.p\//.test(path))
    const files = await until(() => settled() && ledger.paths(), { describe: 'the partial tiles are gone' })
    for (const file of files) {
      const served = await ledger.get(`/ledger/${file}`)
      expect([file, served.status, served.bytes.equals(readFileSync(join(ledger.dir, file)))]).toEqual([file, 200, true])
    }
    seen.push(files)
  }
  expect(seen[0]).toEqual(expect.arrayContaining(['checkpoint', 'tile/0/000.p/255', 'tile/entries/000.p/255']))
  expect(seen[1]).toEqual(['checkpoint', 'tile/0/000', 'tile/1/000.p/1', 'tile/entries/000'])
  expect(seen[2]).toEqual(['checkpoint', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/1'])
})

test('there is no checkpoint before the first entry, and no tile that the log does not have', async () => {
  expect((await ledger.get('/ledger/checkpoint')).status).toBe(404)
  await ledger.publish(decisions(3))
  await ledger.recorded(3)

  expect((await ledger.get('/ledger/checkpoint')).status).toBe(200)
  expect((await ledger.get('/ledger/vkey')).bytes.toString()).toBe(`${ledger.vkey}\n`)
  const statuses = await Promise.all(
    [
      '0/000.p/3',
      '0/000.p/2',
      '0/000.p/4',
      '0/000',
      '0/001.p/1',
      '1/000.p/1',
      '0/000.p/03',
      '64/000',
      'entries/0',
      'x/000',
      '0/x000/000',
    ].map(async (path) => [path, (await ledger.get(`/ledger/tile/${path}`)).status]),
  )
  expect(statuses.filter(([, status]) => status === 200).map(([path]) => path)).toEqual(['0/000.p/3', '0/000.p/2'])
  expect(new Set(statuses.map(([, status]) => status))).toEqual(new Set([200, 404]))
})

test('a folder that holds another log is left as it is', async () => {
  const other = await hostLedger()
  try {
    await other.publish(decisions(2))
    await other.files(2)
    const foreign = readFileSync(join(other.dir, 'checkpoint'))
    await ledger.publish(decisions(3))
    await ledger.files(3)
    await ledger.restart()
    writeFileSync(join(ledger.dir, 'checkpoint'), foreign)
    await ledger.publish(decisions(1))

    await until(async () => (await ledger.get('/ledger/tile/0/000.p/4')).status === 200, { describe: 'the log itself goes on' })
    await until(() => ledger.logged().includes('folder-of-another-log'), { describe: 'the fault is told' })
    expect(readFileSync(join(ledger.dir, 'checkpoint'))).toEqual(foreign)
  } finally {
    await other.stop()
  }
})
