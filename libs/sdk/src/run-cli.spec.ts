import { answered, asked, pending, refusal, released } from '../test/samples.js'
import { runCli } from './run-cli.js'

interface Served {
  readonly status?: number
  readonly body: object | string
  readonly headers?: Readonly<Record<string, string>>
}

/** Runs the command with a gateway that answers this; `refused`: nothing listens. */
async function weir(
  given: string,
  served: Served | 'refused' = { body: {} },
  { stdin = '', key = 'k' }: { readonly stdin?: string; readonly key?: string | undefined } = {},
) {
  const calls: { readonly url: string; readonly init: RequestInit }[] = []
  let [out, err] = ['', '']
  const code = await runCli(given.split(' '), {
    env: { WEIR_URL: 'http://weir.test', WEIR_HOME: '/nonexistent', ...(key === '' ? {} : { WEIR_API_KEY: key }) },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    stdin: () => Promise.resolve(stdin),
    pause: () => Promise.resolve(),
    fetch: (url, init = {}) => {
      calls.push({ url: url instanceof Request ? url.url : url.toString(), init })
      if (served === 'refused') return Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }))
      const { status = 200, body, headers } = served
      return Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, ...(headers && { headers }) }))
    },
  })
  return { code, out, err, calls, json: (): unknown => JSON.parse(out) as unknown }
}

const decide = { stdin: JSON.stringify(asked) }
const inputOf = (given: string) => (given.startsWith('import') ? { stdin: 'customerId,name\n' } : decide)
const importReport = (refused: number) => ({
  dryRun: true,
  summary: { rows: 2, create: 2 - refused, change: 0, unchanged: 0, refused, held: 1 },
  rows: [
    { row: 1, customerId: 'moss', action: 'create', problems: [], held: [{ code: 'unknown-owner' }], requests: [] },
    ...Array.from({ length: refused }, () => ({
      row: 2,
      action: 'refused',
      problems: [{ code: 'x', pointer: '/name', detail: 'Missing.' }],
      held: [],
      requests: [],
    })),
  ],
})

describe('the exit code', () => {
  it.each([
    ['approve', 'decide -f -', { body: answered('approve') }, 0],
    ['hold', 'decide -f -', { body: answered('hold') }, 10],
    ['deny', 'decide -f -', { body: answered('deny') }, 11],
    ['deny, asked later', 'get some-id', { body: answered('deny') }, 11],
    ['nothing yet', 'decide -f -', { status: 202, body: pending }, 4],
    ['an unknown request', 'get some-id', { status: 404, body: refusal(404, 'request-unknown') }, 1],
    ['a conflict', 'decide -f -', { status: 409, body: refusal(409, 'event-id-reused') }, 1],
    ['a body that the gateway refuses', 'decide -f -', { status: 422, body: refusal(422, 'invalid-body') }, 2],
    ['a body that is too large', 'import -', { status: 413, body: refusal(413, 'body-too-large') }, 2],
    ['no valid key', 'get some-id', { status: 401, body: refusal(401, 'key-missing') }, 3],
    ['a key that may not', 'parked', { status: 403, body: refusal(403, 'scope-missing') }, 3],
    ['no room', 'decide -f -', { status: 503, body: refusal(503, 'outbox-full') }, 4],
    ['a proxy without a gateway', 'decide -f -', { status: 502, body: '<html>' }, 4],
    ['nothing that listens', 'decide -f -', 'refused', 4],
    ['an answer that is none', 'decide -f -', { body: 'approve' }, 1],
    ['rows that are refused', 'import - --dry-run', { body: importReport(1) }, 1],
    ['rows that are taken', 'import - --dry-run', { body: importReport(0) }, 0],
    ['messages that still fail', 'redrive --service identity --key acme', { status: 409, body: refusal(409, 'still-failing') }, 1],
    ['messages handled again', 'redrive --service identity --key acme', { body: { redriven: 2 } }, 0],
    ['a service that does not tell', 'parked', { body: { items: [], unknown: ['ledger'] } }, 4],
    ['help', '--help', { body: {} }, 0],
    ['help of a command', 'report decisions --help', { body: {} }, 0],
  ] as const)('of %s: `weir %s`', async (_name, given, served, code) => {
    const ran = await weir(given, served, inputOf(given))

    expect([ran.code, ran.err + ran.out]).toEqual([code, expect.stringMatching(/\S/)])
  })

  it.each([
    '',
    'nonsense',
    'decide',
    'decide -f - --wait 11',
    'decide -f - --wait 1.5',
    'decide -f - --nonsense',
    'get',
    'report',
    'report decisions --to 2026-12-01T00:00:00Z --out r.zip',
    'report decisions --from 2026-11-01 --to 2026-12-01T00:00:00Z --out r.zip',
    'report decisions --from 2026-13-01T00:00:00Z --to 2026-12-01T00:00:00Z --out r.zip',
    'report decisions --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --out /nonexistent/r.zip',
    'verify /nonexistent/r.zip',
    'decide -f /nonexistent/request.json',
    'import /nonexistent/customers.csv',
    'redrive --service identity',
    'get some-id --url weir.test --api-key k',
  ])('is 2, and nothing is asked, for `weir %s`', async (given) => {
    const { code, calls, out, err } = await weir(given, { body: {} }, decide)

    expect([code, calls, out]).toEqual([2, [], ''])
    expect(err).toMatch(/\S/)
  })

  it('is 2 without a key, and 4 where nothing runs', async () => {
    expect(await weir('get some-id', undefined, { key: '' })).toMatchObject({ code: 2, calls: [] })
    const said: string[] = []
    const terminal = { env: { WEIR_HOME: '/nonexistent' }, out: () => undefined, stdin: () => Promise.resolve('') }
    expect(await runCli(['get', 'x'], { ...terminal, err: (text) => void said.push(text) })).toBe(4)
    expect(said.join('')).toContain('No Weir runs here')
  })
})

describe('what is read', () => {
  it.each([
    ['no JSON', '{"source":', undefined],
    ['a list', '[]', ''],
    ['a count of 0', JSON.stringify({ ...asked, skus: [{ raw: 'x', count: 0 }] }), '/skus/0/count'],
    [
      'an end before the start',
      JSON.stringify({ ...asked, window: { start: '2026-11-23T10:00:00Z', end: '2026-11-23T09:00:00Z' } }),
      '/window/end',
    ],
  ])('is refused before anything is asked: %s', async (_name, stdin, pointer) => {
    const plain = await weir('decide -f -', undefined, { stdin })
    expect(plain).toMatchObject({ code: 2, calls: [], out: '' })

    const { code, json, err } = await weir('decide -f - --json', undefined, { stdin })
    expect([code, err]).toEqual([2, ''])
    expect(json()).toMatchObject({ code: 'usage', ...(pointer === undefined ? {} : { errors: [{ pointer }] }) })
    if (pointer) expect(plain.err).toContain(`  ${pointer}: `)
  })

  it('may begin with a byte order mark', async () => {
    expect((await weir('decide -f -', { body: answered('approve') }, { stdin: `\uFEFF${JSON.stringify(asked)}` })).code).toBe(0)
    const { calls } = await weir('import -', { body: importReport(0) }, { stdin: '\uFEFFcustomerId,name\n' })
    expect(calls[0]?.init.body).toBe('customerId,name\n')
  })

  it('is CSV, or JSON that is checked here by row', async () => {
    const csv = await weir('import - --dry-run', { body: importReport(0) }, { stdin: 'customerId,name\nmoss,Moss Demo\n' })
    expect(csv.calls[0]).toMatchObject({
      url: 'http://weir.test/v1/customers:import?dryRun=true',
      init: { body: 'customerId,name\nmoss,Moss Demo\n' },
    })
    expect(csv.out).toBe('would be: 2 new, 0 changed, 0 unchanged, 0 refused, 1 held\n  row 1 moss: create, its requests would be held\n')

    const rows = await weir('import -', { body: importReport(0) }, { stdin: ' [{"customerId":"moss","name":"Moss Demo"}]' })
    expect(rows.calls[0]?.init.body).toBe('[{"customerId":"moss","name":"Moss Demo"}]')

    for (const [stdin, pointer] of [
      ['[{"customerId":"moss","nmae":"Moss"}]', '/0/nmae'],
      ['{"customerId":"moss"}', ''],
    ]) {
      const { code, calls, json } = await weir('import - --json', undefined, { stdin: stdin ?? '' })
      expect([code, calls]).toEqual([2, []])
      expect(json()).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ pointer })]) as unknown })
    }
  })
})

describe('what is told', () => {
  it('of a decision: outcome, reasons with their origin, request, case', async () => {
    const { out, err } = await weir('decide -f -', { body: answered('hold', { case: '6f1d2a34-0000-4000-8000-00000000000a' }) }, decide)

    expect(err).toBe('')
    expect(out).toBe(
      'HOLD\n  license-required: It needs a license. [company-policy; House rule 1]\n' +
        'request 6f1d2a34-0000-4000-8000-000000000001 revision 1\ncase 6f1d2a34-0000-4000-8000-00000000000a\n',
    )
  })

  it('of a request that is not decided yet: that nothing may be handed out', async () => {
    const { out } = await weir('decide -f -', { status: 202, body: pending }, decide)
    expect(out).toMatch(/^PENDING .*nothing may be handed out\nask again: weir get 6f1d2a34-/)
  })

  it('of what is parked: service, key, how much, why', async () => {
    const since = '2026-03-02T10:00:00.000Z'
    const of = { messages: 1, topics: ['weir.customers'], since, error: 'by zero' }
    const { out } = await weir('parked', {
      body: {
        items: [
          { service: 'identity', key: 'acme', ...of },
          { service: 'gateway', ...of },
        ],
        unknown: ['ledger'],
      },
    })

    expect(out.split('\n')).toEqual([
      `identity "acme": 1 message of weir.customers since ${since}: by zero`,
      `gateway no key: 1 message of weir.customers since ${since}: by zero`,
      'ledger: not known, it does not tell',
      '',
    ])
  })

  it('of a refusal: its words and each place, on standard error', async () => {
    const body = refusal(422, 'invalid-body', { errors: [{ pointer: '/to', detail: 'the end is not after the start' }] })
    const given = 'report decisions --from 2026-12-01T00:00:00Z --to 2026-11-01T00:00:00Z --out /tmp/never-written.zip'
    expect(await weir(given, { status: 422, body })).toMatchObject({
      code: 2,
      out: '',
      err: 'weir: Refused.\n  /to: the end is not after the start\n',
    })
  })
})

describe('with --json', () => {
  it.each([
    ['decide -f - --json', { body: answered('deny') }, answered('deny')],
    ['get some-id --json', { status: 202, body: pending }, pending],
    ['import - --json', { body: importReport(0) }, importReport(0)],
    ['parked --json', { body: { items: [], unknown: [] } }, { items: [], unknown: [] }],
    ['redrive --service ledger --key acme --json', { body: { redriven: 0 } }, { redriven: 0 }],
    ['get some-id --json', { status: 401, body: refusal(401, 'key-missing') }, refusal(401, 'key-missing')],
    [
      'verify /nonexistent/r.zip --json',
      { body: {} },
      { type: 'urn:weir:problem:usage', code: 'usage', title: '/nonexistent/r.zip does not exist' },
    ],
  ] as const)('`weir %s` tells one value and nothing else', async (given, served, told) => {
    const { out, err, json } = await weir(given, served, inputOf(given))

    expect(json()).toEqual(told)
    expect([out.trimEnd().split('\n').length, err]).toEqual([1, ''])
  })

  it('an answer that does not come is a problem too', async () => {
    const { code, json } = await weir('decide -f - --json', 'refused', decide)
    expect([code, json()]).toEqual([4, expect.objectContaining({ code: 'unreachable', status: 0, detail: 'connect ECONNREFUSED' })])
  })
})

describe('what is asked', () => {
  it('carries key, wait and idempotency key as given', async () => {
    const { calls } = await weir(
      'decide -f - --wait 3 --idempotency-key mine --url https://other.test --api-key other',
      { body: answered('approve') },
      decide,
    )
    expect(calls).toMatchObject([
      {
        url: 'https://other.test/v1/provisioning-requests:decide',
        init: { headers: { authorization: 'Bearer other', prefer: 'wait=3', 'idempotency-key': 'mine' } },
      },
    ])
  })

  it('of a redrive is the key of the messages, not of the caller', async () => {
    const { calls } = await weir('redrive --service identity --key acme', { body: { redriven: 1 } })
    expect(calls[0]?.init).toMatchObject({ headers: { authorization: 'Bearer k' }, body: '{"service":"identity","key":"acme"}' })
  })
})

it('writes no report whose bytes are not those that were released', async () => {
  const given = 'report decisions --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --out /tmp/never-written.zip'
  // Every call is answered with the release, so the download is not what its digest says.
  const { code, err, calls } = await weir(given, { body: released })

  expect([code, calls.length]).toEqual([1, 2])
  expect(err).toContain('is not the report')
})
