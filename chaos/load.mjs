// Open-loop load, and the client's own journal: what it sent, under which key, and what it was told.
import { createWriteStream, readFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'

const CLEAN = 12
const LICENSED = 4
/** Per run and licensed customer: fewer than it asks for, so that the last one is asked for. */
const LICENSE_QUANTITY = 96
const ANSWER_WITHIN_MS = 12_000

const solelyOwned = (id, owner) => [{ partyId: `${id}-owner`, name: `Owner of ${id}`, kind: 'person', sharePercent: 100, ...owner }]
const customerOf = (id, { country, owners }) => ({
  customerId: id,
  name: `Chaos ${id}`,
  registeredIn: country,
  headquarters: country,
  noneAbove: owners === undefined,
  tenants: [{ system: 'aws', id }],
  owners: owners ?? solelyOwned(id, {}),
})
const parent = (id) => [
  {
    partyId: `${id}-group`,
    name: `Group of ${id}`,
    headquarters: 'CN',
    sharePercent: 100,
    noneAbove: true,
    owners: solelyOwned(`${id}-group`, {}),
  },
]

/** What is asked for, by class; the outcome is what the client may expect in the end. */
const classes = {
  clean: { sku: 'p4d.24xlarge', count: 2, outcomes: ['approve'] },
  cpu: { sku: 'm7i.4xlarge', count: 3, outcomes: ['approve'] },
  licensed: { sku: 'p5.48xlarge', count: 1, outcomes: ['approve', 'deny'], endUse: { category: 'ai-training' } },
  'licensed-failed': {
    sku: 'p5.48xlarge',
    count: 1,
    outcomes: ['approve', 'deny'],
    endUse: { category: 'ai-training' },
    outcome: 'failed',
  },
  held: { sku: 'p99x.96xlarge', count: 1, outcomes: ['hold'] },
}
/** Of what is held, officers end this share. */
const ENDED = 0.5
const REPORT_EVERY_MS = 4_000

function pick(random) {
  const at = random()
  if (at < 0.3) return 'cpu'
  if (at < 0.5) return 'licensed'
  if (at < 0.55) return 'licensed-failed'
  return at < 0.6 ? 'held' : 'clean'
}

export function openJournal(file) {
  const out = createWriteStream(file, { flags: 'a' })
  const write = (entry) => out.write(`${JSON.stringify(entry)}\n`)
  return { file, write, flush: () => new Promise((done) => out.write('', done)), close: () => new Promise((done) => out.end(done)) }
}

/** Who was held against no list may be anybody. */
async function loadList({ url, officerKey }) {
  const response = await fetch(`${url}/v1/lists/screening?title=Chaos`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${officerKey}`, 'content-type': 'text/csv' },
    body: readFileSync(new URL('../demo/screening-list.csv', import.meta.url)),
    signal: AbortSignal.timeout(20_000),
  })
  if (!response.ok) throw new Error(`screening list: ${response.status} ${await response.text()}`)
}

export async function registerWorld({ url, officerKey, journal }) {
  await loadList({ url, officerKey })
  const clean = Array.from({ length: CLEAN }, (_, n) => customerOf(`clean-${n}`, { country: 'US' }))
  const licensed = Array.from({ length: LICENSED }, (_, n) =>
    customerOf(`licensed-${n}`, { country: 'IE', owners: parent(`licensed-${n}`) }),
  )
  for (const customer of [...clean, ...licensed]) {
    await must({ url, key: officerKey, path: '/v1/customers', body: customer, idempotencyKey: `customer-${customer.customerId}` })
    journal.write({ kind: 'customer', customer: customer.customerId })
  }
}

export async function registerLicenses({ url, officerKey, journal, run, quantity = LICENSE_QUANTITY }) {
  for (let n = 0; n < LICENSED; n++) {
    const license = {
      licenseId: `license-${run}-${n}`,
      number: `CHAOS-${run}-${n}`,
      customerId: `licensed-${n}`,
      paragraphs: ['3A090.a'],
      models: [],
      quantity,
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2032-01-01T00:00:00Z',
    }
    journal.write({ kind: 'license', licenseId: license.licenseId, quantity: license.quantity })
    await must({ url, key: officerKey, path: '/v1/licenses', body: license, idempotencyKey: license.licenseId })
  }
}

async function must({ url, key, path, body, idempotencyKey }) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': idempotencyKey }
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) })
  if (!response.ok && response.status !== 409) throw new Error(`${path}: ${response.status} ${await response.text()}`)
}

/** `run` sends on schedule until `seconds` are over; `finish` pursues every request until it is accepted. */
export function createLoad({ url, keys, journal, run, rate, random }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  const samples = []
  const running = new Set()
  let [inFlight, n, pursueUntil, stopped] = [0, 0, Number.POSITIVE_INFINITY, false]
  const post =
    ({ path, key, idempotencyKey, body }) =>
    () =>
      once(agent, {
        url: url + path,
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          prefer: 'wait=5',
        },
      })
  const pursued = (command) => pursue({ post: post(command), until: () => pursueUntil })
  const decide = (body, idempotencyKey) => ({ path: '/v1/provisioning-requests:decide', key: keys.api, idempotencyKey, body })
  const desk = { journal, pursued, keys, random }

  const ask = async (intended) => {
    const name = `r${run}-${n++}`
    const cls = pick(random)
    const [body, repeats, ends] = [bodyOf({ cls, name, random }), n % 20 === 0, random() < ENDED]
    const customer = body.tenantRef.id
    journal.write({ kind: 'sent', name, cls, customer, outcomes: classes[cls].outcomes, at: Date.now() })
    inFlight += 1
    const answer = await pursued(decide(body, name))
    inFlight -= 1
    samples.push({ at: intended, ms: performance.now() - intended, ok: answer.status === 200 && answer.tries === 1 })
    const { body: _, ...told } = answer
    journal.write({ kind: 'told', name, at: Date.now(), ...told })
    if (answer.id !== undefined && repeats) await repeat({ name, body })
    if (cls === 'held' && answer.case !== undefined && ends) await endCase(desk, { name, caseId: answer.case })
  }
  const repeat = async ({ name, body }) => {
    const same = await post(decide(body, name))()
    if (same.status === 200 || same.status === 202) journal.write({ kind: 'repeated', name, id: same.id, status: same.status })
    const other = await post(decide({ ...body, requestedCount: { min: 1, max: 9 } }, name))()
    const said = (other.status >= 400 && other.status < 500 && other.status !== 429) || other.status === 200 || other.status === 202
    if (said) journal.write({ kind: 'reused', name, status: other.status })
  }
  const track = (work) => {
    const tracked = work.finally(() => running.delete(tracked))
    running.add(tracked)
  }
  return {
    samples,
    inFlight: () => inFlight,
    sent: () => n,
    run: async (seconds) => {
      const start = performance.now()
      const reports = createReporter(desk, `${run}`)
      for (let k = 0; !stopped && k < seconds * rate; k++) {
        const intended = start + (k * 1000) / rate
        const wait = intended - performance.now()
        if (wait > 0) await new Promise((done) => setTimeout(done, wait))
        track(ask(intended))
        if (reports.isDue()) track(reports.next())
      }
    },
    /** One at a time, to see whether all is well again. */
    probe: () => ask(performance.now()),
    finish: async (withinMs) => {
      stopped = true
      pursueUntil = performance.now() + withinMs
      while (running.size > 0) await Promise.all(running)
      agent.destroy()
    },
  }
}

/** One officer proposes, another decides, through whatever happens in between. */
async function endCase({ journal, pursued, keys, random }, { name, caseId }) {
  const outcome = random() < 0.5 ? 'approve' : 'deny'
  const [proposer, decider] = keys.officers
  const act = (verb, key, body) => pursued({ path: `/v1/cases/${caseId}:${verb}`, key, idempotencyKey: `${verb}-${caseId}`, body })
  const proposed = await act('propose', proposer, { outcome, note: 'chaos' })
  const ended = proposed.status === 200 ? await act('decide', decider, { accept: true }) : proposed
  const sure = ended.status === 200
  journal.write({ kind: 'case', name, caseId, sure, outcomes: sure ? [outcome] : ['hold', outcome], refused: ended.refused })
}

/** Reports over intervals that join, each a little behind the present. */
function createReporter({ journal, pursued, keys }, run) {
  let [from, dueAt, count] = [Date.now(), performance.now() + REPORT_EVERY_MS, 0]
  const next = async () => {
    dueAt = performance.now() + REPORT_EVERY_MS
    const [asked, interval] = [Date.now(), { from, to: Date.now() - 1_000 }]
    if (interval.to <= from) return
    from = interval.to
    const body = { template: 'decisions', from: new Date(interval.from).toISOString(), to: new Date(interval.to).toISOString() }
    const answer = await pursued({ path: '/v1/reports', key: keys.officers[0], idempotencyKey: `report-${run}-${count++}`, body })
    const { reportId, decisions } = answer.body ?? {}
    if (answer.status === 201) journal.write({ kind: 'report', reportId, decisions, asked, ...interval })
  }
  return { isDue: () => performance.now() >= dueAt, next }
}

function bodyOf({ cls, name, random }) {
  const { sku, count, endUse = { category: 'ai-inference' }, outcome } = classes[cls]
  const [group, size] = cls.startsWith('licensed') ? ['licensed', LICENSED] : ['clean', CLEAN]
  return {
    source: 'chaos',
    sourceEventId: name,
    occurredAt: new Date().toISOString(),
    action: 'create',
    tenantRef: { system: 'aws', id: `${group}-${Math.floor(random() * size)}` },
    enforcement: 'pre',
    provider: 'aws',
    region: { raw: 'us-west-2' },
    skus: [{ raw: sku, count }],
    requestedCount: { min: count, max: count },
    delivery: 'remote',
    endUse,
    ...(outcome === undefined ? {} : { outcome }),
  }
}

/** The same key until somebody takes it: what no answer came for may have been accepted. */
async function pursue({ post, until }) {
  for (let tries = 1; ; tries++) {
    const { status, ...answer } = await post()
    if (status >= 200 && status < 300) return { status, tries, ...answer }
    if (status >= 400 && status < 500 && status !== 429 && status !== 408) return { status, tries, refused: answer.text?.slice(0, 300) }
    if (performance.now() > until()) return { status, tries }
    await new Promise((done) => setTimeout(done, 300))
  }
}

/** Status 0: no answer. */
function once(agent, { url, body, headers }) {
  return new Promise((done) => {
    const request = httpRequest(
      url,
      { method: 'POST', agent, timeout: ANSWER_WITHIN_MS, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
        response.once('error', () => done({ status: 0 }))
        response.once('end', () => {
          try {
            const parsed = JSON.parse(text)
            const { id, revision, outcome, receipt, case: caseId } = parsed
            const more = response.statusCode >= 400 ? { text } : response.statusCode === 201 ? { body: parsed } : {}
            done({ status: response.statusCode, id, revision, outcome, receipt, case: caseId, ...more })
          } catch {
            done({ status: response.complete ? response.statusCode : 0, text })
          }
        })
      },
    )
    request.once('timeout', () => request.destroy())
    request.once('error', () => done({ status: 0 }))
    request.end(body)
  })
}
