// The checker: node chaos/check.mjs VIEW.json
//
// It sees what a stranger with a key sees: the gateway, the topics, the folder of the ledger, the metrics and the journal of
// the client. It does not know what is done to the system, or when. `settle N` on its standard input makes it wait, at most
// N seconds, until all holds, and print the findings as one line of JSON. At the end of the input it ends.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openJournalReader } from './checker-journal.mjs'
import { openLog } from './checker-log.mjs'
import { MADE, openRecords } from './checker-records.mjs'
import { openTopics } from './checker-topics.mjs'
import { evaluate } from './invariants.mjs'

const LOOK_EVERY_MS = 200
const view = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const log = openLog({ url: view.url, vkey: view.vkey, dir: view.ledgerDir })
const topics = openTopics({ brokers: view.brokers })
const journalReader = openJournalReader(view.journal)
const records = openRecords()
const answers = new Map()
const caseStates = new Map()

const get = async (path, key) => {
  const response = await fetch(view.url + path, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(10_000) })
  return { status: response.status, body: await response.json() }
}

const eightAtATime = (items, work) => {
  const open = [...items]
  const worker = async () => {
    for (let one = open.pop(); one !== undefined; one = open.pop()) await work(one)
  }
  return Promise.all(Array.from({ length: 8 }, worker))
}

/** Of a request whose answer changes, only the topic tells: it is asked again when a later revision is there. */
async function readAnswers(journal) {
  const latest = new Map()
  for (const { requestId, revision } of records.of(MADE)) latest.set(requestId, Math.max(latest.get(requestId) ?? 1, revision))
  const ids = [...journal.sent.values()].flatMap(({ told }) => told?.id ?? [])
  const open = ids.filter((id) => (answers.get(id)?.revision ?? 0) < (latest.get(id) ?? 1))
  await eightAtATime(open, async (id) => {
    const { status, body } = await get(`/v1/provisioning-requests/${id}`, view.apiKey)
    if (status === 200) answers.set(id, { revision: body.revision, outcome: body.outcome, case: body.case, code: body.reasons[0]?.code })
  })
}

async function readCases(journal) {
  const ids = [...answers.values(), ...journal.cases.values()].flatMap((one) => one.case ?? one.caseId ?? [])
  const open = [...new Set(ids)].filter((id) => caseStates.get(id)?.state !== 'resolved')
  await eightAtATime(open, async (id) => {
    const { status, body } = await get(`/v1/cases/${id}`, view.officerKey)
    if (status === 200) caseStates.set(id, { state: body.state, resolution: body.resolution?.resolution })
  })
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

async function findings() {
  // In this order: what is told later may hold more than what was told before.
  const journal = journalReader.read()
  for (const record of await topics.read()) records.add(record)
  await readAnswers(journal)
  await log.read()
  await readCases(journal)
  const facts = { journal, records, log, answers, caseStates, depths: await each(depthOf), ready: await each(whyNotReady) }
  const all = [...journal.sent.values()]
  return {
    invariants: evaluate(facts),
    accepted: all.filter(({ told }) => told?.id !== undefined).length,
    unanswered: all.filter(({ told }) => told?.id === undefined).length,
    cases: journal.cases.size,
    reports: journal.reports.length,
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

// Whoever asked is gone.
process.stdout.once('error', () => process.exit(1))
const looking = setInterval(() => void log.look(), LOOK_EVERY_MS)
for await (const line of createInterface({ input: process.stdin })) {
  const [command, seconds] = line.split(' ')
  if (command === 'settle') process.stdout.write(`${JSON.stringify(await settle(Number(seconds)))}\n`)
}
clearInterval(looking)
