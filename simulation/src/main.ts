import { parentPort, workerData } from 'node:worker_threads'
import { allSeeds, type WorkerStart } from './all-seeds.js'
import { optionsOf, type Options } from './options.js'
import { plants } from './plants.js'
import { seedRunner, type Broken, type Outcome, type Stretch } from './run-seeds.js'

/** `--seed S --runs N`: N runs from seed S on; 1 where a run breaks an invariant. */
export async function simulate(given: readonly string[], policyFolder: URL): Promise<number> {
  const options = optionsOf(given)
  const place = { code: new URL(import.meta.url), policyFolder }
  if (options.plants) return tryChecker(options, place)
  const began = { at: performance.now(), cpu: process.cpuUsage() }
  const outcomes = await allSeeds(options, place)
  const { user, system } = process.cpuUsage(began.cpu)
  const took = { seconds: (performance.now() - began.at) / 1000, cpu: (user + system) / 1e6 }
  for (const [seed, history] of outcomes.flatMap(({ histories }) => histories)) say(`seed ${seed}: history ${history}`)
  const broken = firstBroken(outcomes)
  if (broken !== undefined) {
    sayBroken(broken, options)
    return 1
  }
  sayTotals(outcomes, { options, took })
  return 0
}

/** Each plant has to be found by itself; 1 where one is not. */
async function tryChecker(options: Options, place: { readonly code: URL; readonly policyFolder: URL }): Promise<number> {
  let missed = 0
  for (const plant of plants) {
    const broken = firstBroken(await allSeeds({ ...options, plant }, place))
    if (broken === undefined) missed++
    const invariants = [...new Set(broken?.violations.map(({ invariant }) => invariant))]
    const found = broken === undefined ? `not found in ${options.runs} seeds` : `found at seed ${broken.seed} by ${invariants.join('; ')}`
    say(`${plant}: ${found}`)
  }
  return missed === 0 ? 0 : 1
}

const firstBroken = (outcomes: readonly Outcome[]): Broken | undefined => outcomes.find(({ broken }) => broken !== undefined)?.broken

function sayBroken({ seed, violations, history }: Broken, { requests, plant }: Options): void {
  say(`seed ${seed} breaks, history ${history}`)
  for (const { invariant, detail } of violations) say(`  ${invariant}: ${detail}`)
  say(`again: npm run simulate -- --seed ${seed} --runs 1 --requests ${requests}${plant === undefined ? '' : ` --plant ${plant}`}`)
}

interface Total {
  readonly options: Options
  /** in seconds; other work on the machine makes the first one longer */
  readonly took: { readonly seconds: number; readonly cpu: number }
}

function sayTotals(outcomes: readonly Outcome[], { options, took }: Total): void {
  const { requests, jobs } = options
  const runs = outcomes.reduce((sum, { ran }) => sum + ran, 0)
  const perMinute = (seconds: number): string => Math.round((runs * requests * 60) / seconds).toLocaleString('en')
  say(`${runs} runs of ${requests} requests in ${took.seconds.toFixed(1)} s by ${jobs} threads: no violation`)
  say(`${perMinute(took.seconds)} requests a minute; ${perMinute(took.cpu)} in a minute of one core's time`)
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) for (const [what, count] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + count
  for (const [what, count] of Object.entries(counts).sort()) say(`  ${what}: ${count.toLocaleString('en')}`)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

if (parentPort !== null) {
  const { policyFolder, terms } = workerData as WorkerStart
  const run = seedRunner(new URL(policyFolder), terms)
  const port = parentPort
  port.on('message', (stretch: Stretch) => {
    void run(stretch).then((outcome) => port.postMessage(outcome))
  })
}
