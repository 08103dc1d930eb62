/**
 * `node retell.mjs RUN.JSON`: sends the events of the stories again, which are known by their ids and so must get the
 * answers that they have; then one that is new. Every receipt is verified here. Prints what it found.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stories, tellStep, tellStories, WeirClient } from '@weir/demo'

const [file] = process.argv.slice(2)
const access = JSON.parse(readFileSync(file, 'utf8'))
const client = new WeirClient(access)
const by = { vkey: access.ledger.vkey, timeoutMs: 60_000 }
const say = (line) => void process.stdout.write(`${line}\n`)

const told = await tellStories(client, { ...by, onTold: () => undefined })
const steps = told.flatMap(({ steps }) => steps)
const indices = steps.map(({ verified }) => (verified.ok ? verified.index : undefined))
for (const [at, { asExpected, verified, answer }] of steps.entries()) {
  if (!verified.ok) throw new Error(`step ${at}: the receipt does not hold: ${verified.why}`)
  if (!asExpected) throw new Error(`step ${at}: came out otherwise: ${answer.outcome}`)
}
// The first telling leaves the indices beside the keys; later ones must find the same entries.
const known = `${file}.indices`
if (existsSync(known)) {
  const before = readFileSync(known, 'utf8')
  if (before !== JSON.stringify(indices)) throw new Error(`the decisions moved in the log: ${before}, now ${JSON.stringify(indices)}`)
} else writeFileSync(known, JSON.stringify(indices))

const [first] = stories
const fresh = await tellStep(client, first.steps[0], { ...by, id: `compose-offline-${randomUUID()}` })
if (!fresh.verified.ok || !fresh.asExpected) throw new Error(`a new event: ${JSON.stringify(fresh.verified)}`)
const newest = Math.max(...indices)
if (fresh.verified.index <= newest) throw new Error(`a new event is recorded at ${fresh.verified.index}, not after ${newest}`)
say(`${steps.length} decisions as told, each at its place in the log with its receipt; a new one at #${fresh.verified.index}`)
