// The checker: node chaos/check.mjs VIEW.json
//
// It sees what a stranger with a key sees: the gateway, the topics, the folder of the ledger, the metrics and the journal of
// the client. It does not know what is done to the system, or when. `settle N` on its standard input makes it wait, at most
// N seconds, until all holds, and print the findings as one line of JSON. At the end of the input it ends.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openLog } from './checker-log.mjs'
import { openTopics } from './checker-topics.mjs'
import { evaluate } from './invariants.mjs'

const LOOK_EVERY_MS = 200
const view = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const log = openLog({ url: view.url, vkey: view.vkey, dir: view.ledgerDir })
const topics = openTopics({ brokers: view.brokers })
const records = []
const answers = new Map()
/** Of a request whose answer changes, only the topic tells: it is asked again when a later revision is there. */
const wanted = new Map()

const get = async (path, key) => {
  const response = await fetch(view.url + path, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(10_000) })
  return { status: response.status, body: await response.json() }
}

async function readAnswers(journal) {
  const ids = journal.flatMap(({ kind, id }) => (kind === 'told' && id !== undefined ? [id] : []))
  const open = [...new Set(ids)].filter((id) => (answers.get(id)?.revision ?? 0) < Math.max(1, wanted.get(id) ?? 1))
  const work = async () => {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const { status, body } = await get(`/v1/provisioning-requests/${id}`, view.apiKey)
      if (status === 200) answers.set(id, { revision: body.revision, outcome: body.outcome, case: body.case, code: body.reasons[0]?.code })
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

async function each(ask) {
  const found = await Promise.all(
    Object.entries(view.services).map(async ([name, url]) => [name, await ask(url).catch((error) => error.message)]),
  )
  return Object.fromEntries(found)
}

const depthOf = async (url) => {
  const response = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${view.internalToken}` },
    signal: AbortSignal.timeout(5_000),
  })
  return Number(/^weir_outbox_depth (\d+)/m.exec(await response.text())?.[1] ?? Number.NaN)
}

const whyNotReady = async (url) => {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })
  return response.ok ? undefined : await response.text()
}

async function openCases() {
  const { body } = await get('/v1/cases?limit=500', view.officerKey)
  return new Set(body.items.map(({ caseId }) => caseId))
}

async function findings() {
  // In this order: what is told later may hold more than what was told before.
  const journal = readFileSync(view.journal, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  records.push(...(await topics.read()))
  for (const { type, data } of records)
    if (type === 'weir.decision.made.v1') wanted.set(data.requestId, Math.max(wanted.get(data.requestId) ?? 1, data.revision))
  await readAnswers(journal)
  await log.read()
  const facts = { journal, records, log, answers, depths: await each(depthOf), ready: await each(whyNotReady), cases: await openCases() }
  return {
    invariants: evaluate(facts),
    accepted: journal.filter(({ kind, id }) => kind === 'told' && id !== undefined).length,
    checkpoints: log.checkpoints(),
  }
}

async function settle(seconds) {
  let last
  for (const end = performance.now() + seconds * 1000; ; await new Promise((next) => setTimeout(next, 1_000))) {
    try {
      last = await findings()
    } catch (error) {
      last = { error: error.stack }
    }
    const good = last.invariants?.every(({ state }) => state !== 'broken')
    if (good || performance.now() > end) return last
  }
}

const looking = setInterval(() => void log.look(), LOOK_EVERY_MS)
for await (const line of createInterface({ input: process.stdin })) {
  const [command, seconds] = line.split(' ')
  if (command === 'settle') process.stdout.write(`${JSON.stringify(await settle(Number(seconds)))}\n`)
}
clearInterval(looking)
