import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DecisionMade, EntryRecorded } from '@weir/contracts'
import { readZip, type PackageFiles } from '@weir/reports-core'
import { SampleLog, until } from '@weir/testing'
import { hostReports, type HostedReports, type Reply, type Told } from '../test/hosted-reports.js'
import { decision, heldDecision, otherRecorded, recorded } from '../test/sample-decisions.js'

let reports: HostedReports
beforeEach(async () => {
  reports = await hostReports()
})
afterEach(() => reports.stop())

const DAY = { template: 'decisions', from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' }
const noon = (ms: number): string => new Date(Date.parse('2026-03-02T12:00:00Z') + ms).toISOString()
const made = (data: DecisionMade, key?: string): Told => ({ type: 'weir.decision.made.v1', data, ...(key === undefined ? {} : { key }) })
const entered = (data: EntryRecorded, key?: string): Told => ({
  type: 'weir.entry.recorded.v1',
  data,
  ...(key === undefined ? {} : { key }),
})

/** Both topics tell of them. */
async function record(decisions: readonly DecisionMade[]): Promise<void> {
  const entries = recorded(reports.log, decisions)
  await reports.tell([
    ...decisions.map((one, n) => made(one, `customer-${n % 5}`)),
    ...entries.map((one, n) => entered(one, `customer-${n % 5}`)),
  ])
  await reports.settled()
}

const idOf = ({ body }: Reply): string => String(body['reportId'])
async function packageOf(reply: Reply): Promise<PackageFiles> {
  const { bytes } = await reports.get(`/v1/reports/${idOf(reply)}/package`)
  return readZip(bytes, (part) => Buffer.from(part).toString('utf8')) ?? new Map()
}
async function listed(reply: Reply): Promise<Record<string, unknown>[]> {
  const report = JSON.parse(Buffer.from((await packageOf(reply)).get('report.json') ?? []).toString()) as {
    decisions: Record<string, unknown>[]
  }
  return report.decisions
}

function verify(bytes: Uint8Array): Promise<{ readonly code: number; readonly said: string }> {
  const file = join(reports.folder, 'report.zip')
  writeFileSync(file, bytes)
  return new Promise((done) => {
    execFile(process.execPath, [reports.verifier, file, '--vkey', reports.log.vkey], { env: {} }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? -1), said: stdout + stderr }),
    )
  })
}

test('a report of the day holds every decision of it, and verifies by the program it carries', async () => {
  const [first, ...others] = Array.from({ length: 24 }, (_, n) => (n % 3 === 0 ? heldDecision(noon(n)) : decision(noon(n))))
  if (first === undefined) throw new Error('no sample')
  const again = { ...first, revision: 2, decidedAt: noon(500) }
  await reports.tell([entered(otherRecorded(reports.log, 'policy'))])
  await record([first, ...others])
  await reports.tell([entered(otherRecorded(reports.log, 'case'))])
  await record([again])

  const reply = await reports.post(DAY)

  expect(reply).toMatchObject({ status: 201, body: { decisions: 25, from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' } })
  expect((await listed(reply)).map(({ requestId, revision }) => [requestId, revision])).toEqual([first, ...others, again].map(({ requestId, revision }) => [requestId, revision])) // prettier-ignore
  const { bytes, headers } = await reports.get(`/v1/reports/${idOf(reply)}/package`)
  expect(headers.get('content-type')).toBe('application/zip')
  expect(headers.get('content-disposition')).toBe(`attachment; filename="weir-report-${idOf(reply)}.zip"`)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(reply.body['digest'])
  expect(await verify(bytes)).toMatchObject({
    code: 0,
    said: expect.stringContaining('PASS count: 25 decisions, told of the first 27 entries') as string,
  })
  expect(await reports.released(1)).toEqual([reply.body])
})

test('the period begins with its first millisecond and ends before its last', async () => {
  const times = ['2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00.000Z', '2026-03-02T23:59:59.999Z', '2026-03-03T00:00:00.000Z']
  await record(times.map((time) => decision(time)))

  const reply = await reports.post(DAY)

  expect((await listed(reply)).map(({ decidedAt }) => decidedAt)).toEqual(times.slice(1, 3))
  expect((await listed(await reports.post({ ...DAY, from: '2026-03-02T01:00:00+01:00', to: '2026-03-02T00:00:00.001Z' }))).map(({ decidedAt }) => decidedAt)).toEqual(times.slice(1, 2)) // prettier-ignore
})

test('an empty period gives an empty report that verifies, of a log as of an empty one', async () => {
  const empty = await reports.post(DAY)
  expect(empty).toMatchObject({ status: 201, body: { decisions: 0 } })
  expect(await verify((await reports.get(`/v1/reports/${idOf(empty)}/package`)).bytes)).toMatchObject({ code: 0 })

  await record([decision('2026-03-05T00:00:00.000Z')])
  const reply = await reports.post(DAY)
  expect(reply).toMatchObject({ status: 201, body: { decisions: 0 } })
  const { code, said } = await verify((await reports.get(`/v1/reports/${idOf(reply)}/package`)).bytes)
  expect([code, said]).toEqual([0, expect.stringContaining('PASS signature: 1 checkpoints')])
})

test('a period that is none is refused with a pointer', async () => {
  const pointers = async (body: unknown) => {
    const { status, body: problem } = await reports.post(body)
    return [status, (problem['errors'] as { pointer: string }[] | undefined)?.map(({ pointer }) => pointer)]
  }
  expect(await pointers({ ...DAY, to: DAY.from })).toEqual([422, ['/to']])
  expect(await pointers({ ...DAY, from: DAY.to, to: DAY.from })).toEqual([422, ['/to']])
  expect(await pointers({ ...DAY, from: 'yesterday' })).toEqual([422, ['/from']])
  expect(await pointers({ template: 'decisions', to: DAY.to })).toEqual([422, ['/from']])
  expect(await pointers({ ...DAY, template: 'licenses' })).toEqual([422, ['/template']])
  expect(await pointers({ ...DAY, all: true })).toEqual([422, ['/all']])
  expect(await pointers({ ...DAY, from: '2026-02-30T00:00:00Z' })).toEqual([422, ['/from']])
})

test('the same key gives the same report, another body of it is refused, and no key is refused', async () => {
  await record([decision(noon(0))])
  const key = randomUUID()
  const first = await reports.post(DAY, key)
  await record([decision(noon(1))])

  expect(await reports.post(DAY, key)).toMatchObject({ status: 201, body: first.body })
  expect(await reports.post({ ...DAY, from: '2026-03-02T01:00:00Z' }, key)).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused' },
  })
  expect(await reports.post(DAY)).toMatchObject({ status: 201, body: { decisions: 2 } })
  expect((await reports.post(DAY, '')).status).toBe(400)
  expect(await reports.released(2)).toHaveLength(2)
})

test('a report is made once, however often the command comes at the same time', async () => {
  await record([decision(noon(0))])
  const key = randomUUID()
  const replies = await Promise.all(Array.from({ length: 5 }, () => reports.post(DAY, key)))

  expect(new Set(replies.map(idOf)).size).toBe(1)
  expect((await reports.get('/v1/reports')).body['items']).toHaveLength(1)
})

test('reports are listed, the newest first, and found by their id', async () => {
  expect((await reports.get('/v1/reports')).body).toEqual({ items: [] })
  const one = await reports.post(DAY)
  const two = await reports.post({ ...DAY, to: '2026-03-04T00:00:00Z' })

  expect((await reports.get('/v1/reports')).body['items']).toEqual([two.body, one.body])
  expect((await reports.get(`/v1/reports/${idOf(one)}`)).body).toEqual(one.body)
  for (const path of [`/v1/reports/${randomUUID()}`, '/v1/reports/nonsense', `/v1/reports/${randomUUID()}/package`]) {
    expect(await reports.get(path)).toMatchObject({ status: 404, body: { code: 'report-unknown' } })
  }
})

test('the same decisions give the same package but for its id, later too', async () => {
  await record([decision(noon(0)), heldDecision(noon(1))])
  const [one, two] = [await reports.post(DAY), await reports.post(DAY)]
  const [a, b] = [await packageOf(one), await packageOf(two)]

  const differing = [...a.keys()].filter((path) => !Buffer.from(a.get(path) ?? []).equals(b.get(path) ?? Buffer.from('')))
  expect([...a.keys()]).toEqual([...b.keys()])
  expect(differing).toEqual(['report.json', 'manifest-sha256.txt'])
})

describe('a report that could miss something is not made', () => {
  const late = (reply: Reply, detail: string) => {
    expect(reply).toMatchObject({ status: 503, body: { code: 'not-recorded-yet', detail: expect.stringContaining(detail) as string } })
    expect(reply.headers.get('retry-after')).toBe('2')
  }

  test('where the ledger has sealed a decision of which nothing arrived here', async () => {
    const hidden = decision(noon(1))
    await record([decision(noon(0))])
    const [entry] = recorded(reports.log, [hidden])

    late(await reports.post(DAY), '1 entries of the log')

    if (entry === undefined) throw new Error('nothing was recorded')
    await reports.tell([made(hidden), entered(entry)])
    await reports.settled()
    expect(await reports.post(DAY)).toMatchObject({ status: 201, body: { decisions: 2 } })
  })

  test('where an entry in the middle is missing, and later ones are here', async () => {
    const three = [decision(noon(0)), decision(noon(1)), decision(noon(2))]
    const entries = recorded(reports.log, three)
    await reports.tell([...three.map((one) => made(one)), ...entries.filter((_, n) => n !== 1).map((one) => entered(one))])
    await reports.settled()

    late(await reports.post(DAY), '2 entries of the log are behind a gap, 2 decisions of the period wait')
  })

  test('where the entry is here and the decision is not', async () => {
    const hidden = decision(noon(0))
    await reports.tell(recorded(reports.log, [hidden]).map((one) => entered(one)))
    await reports.settled()
    late(await reports.post(DAY), '1 entries of the log')

    await reports.tell([made(hidden)])
    await reports.settled()
    expect(await reports.post(DAY)).toMatchObject({ status: 201, body: { decisions: 1 } })
  })

  test('where a decision is here and the ledger has not sealed it', async () => {
    await reports.tell([made(decision(noon(0)))])
    await reports.settled()
    late(await reports.post(DAY), '0 entries of the log are behind a gap, 1 decisions of the period wait')
    // Another day has nothing to wait for.
    expect(await reports.post({ ...DAY, from: '2026-03-03T00:00:00Z', to: '2026-03-04T00:00:00Z' })).toMatchObject({ status: 201 })
  })

  test('where the ledger does not answer, or answers with a word that is not its own', async () => {
    await record([decision(noon(0))])
    reports.ledgerSays((response) => response.writeHead(503).end())
    const unreachable = await reports.post(DAY)
    expect(unreachable).toMatchObject({ status: 503, body: { code: 'ledger-unreachable' } })
    expect(unreachable.headers.get('retry-after')).toBe('2')
    reports.ledgerSays((response) => response.destroy())
    expect(await reports.post(DAY)).toMatchObject({ status: 503, body: { code: 'ledger-unreachable' } })
    // A 404 of whatever listens there is no word that the log is empty.
    reports.ledgerSays((response) => response.writeHead(404).end('not found'))
    expect(await reports.post(DAY)).toMatchObject({ status: 503, body: { code: 'ledger-unreachable' } })
    const other = new SampleLog()
    other.append(['{}'])
    for (const note of [other.checkpoint(), 'nonsense', reports.log.checkpoint().replace('\n1\n', '\n0\n')]) {
      reports.ledgerSays((response) => response.end(note))
      expect([note, (await reports.post(DAY)).status]).toEqual([note, 500])
    }
    expect((await reports.get('/v1/reports')).body['items']).toEqual([])
    reports.ledgerSays(undefined)
    expect(await reports.post(DAY)).toMatchObject({ status: 201 })
  })

  test('and a report that was made stays to be had while the ledger is away', async () => {
    const key = randomUUID()
    const first = await reports.post(DAY, key)
    reports.ledgerSays((response) => response.destroy())
    expect(await reports.post(DAY, key)).toMatchObject({ status: 201, body: first.body })
  })
})

test('what is under way is waited for', async () => {
  await reports.stop()
  reports = await hostReports({ WEIR_REPORTS_WAIT_MS: '20000' })
  const one = decision(noon(0))
  const entries = recorded(reports.log, [one])
  let asked = 0
  reports.ledgerSays((response) => {
    asked++
    response.end(reports.log.checkpoint())
  })
  const reply = reports.post(DAY)
  await until(() => asked > 0, { describe: 'the ledger was asked' })

  await reports.tell([made(one), ...entries.map((entry) => entered(entry))])

  expect(await reply).toMatchObject({ status: 201, body: { decisions: 1 } })
})

test('events that come twice, in either order, change nothing', async () => {
  const one = decision(noon(0))
  const [entry] = recorded(reports.log, [one])
  if (entry === undefined) throw new Error('nothing was recorded')
  const other = heldDecision(noon(5), { requestId: one.requestId })
  await reports.tell([entered(entry), entered(entry), made(one), made(one), made(other)])
  await reports.settled()
  const policy = otherRecorded(reports.log, 'policy')
  await reports.tell([entered(policy), entered(policy), made(other), entered(entry)])
  await reports.settled()

  const reply = await reports.post(DAY)

  expect(reply).toMatchObject({ status: 201, body: { decisions: 1 } })
  expect(await verify((await reports.get(`/v1/reports/${idOf(reply)}/package`)).bytes)).toMatchObject({ code: 0 })
})

test('whatever text a decision holds comes through to the byte', async () => {
  const odd = 'a\u0000b \u2028 \ud83d\ude00 \\u0000 "=1+1"'
  const one = heldDecision(noon(0))
  const sections = { ...one.sections, who: { ...one.sections.who, value: { ...one.sections.who.value, name: odd } } }
  const what = { ...sections.what, value: { ...sections.what.value, totalTpp: 1e21 } }
  await record([{ ...one, sections: { ...sections, what } }])

  const reply = await reports.post(DAY)

  expect(reply.status).toBe(201)
  expect(await verify((await reports.get(`/v1/reports/${idOf(reply)}/package`)).bytes)).toMatchObject({ code: 0 })
  const line = Buffer.from((await packageOf(reply)).get('decisions.ndjson') ?? []).toString()
  expect(JSON.parse(line)).toMatchObject({ sections: { who: { value: { name: odd } }, what: { value: { totalTpp: 1e21 } } } })
})

test('more decisions than a report may hold are refused, and said so', async () => {
  await reports.stop()
  reports = await hostReports({ WEIR_REPORTS_MAX_DECISIONS: '3' })
  await record([0, 1, 2].map((n) => decision(noon(n))))
  expect(await reports.post(DAY)).toMatchObject({ status: 201, body: { decisions: 3 } })
  await record([decision(noon(3))])
  expect(await reports.post(DAY)).toMatchObject({ status: 422, body: { code: 'too-many', errors: [{ pointer: '/to' }] } })
})
