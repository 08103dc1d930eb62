// npm run chaos -- [--runs 20] [--seed 1] [--resume] [--only kill,reset] [--run 7] [--kills 20] [--rate 25]
//                  [--plants | --plant NAME] [--soak --requests 50000] [--report]
//
// One broker, one PostgreSQL and six services under load, broken in one way per run, looked at from outside by check.mjs.
// See README.md.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { faults } from './faults.mjs'
import { plants, plantTable, tryPlants } from './plants.mjs'
import { faultTable, pointTable, soakTable, writeReport } from './report.mjs'
import { soak } from './soak.mjs'
import { failed, oneRun, openStage, randomOf, told } from './stage.mjs'

const results = fileURLToPath(new URL('results/', import.meta.url))
const LOAD_SECONDS = 20
const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string' },
    only: { type: 'string' },
    run: { type: 'string' },
    kills: { type: 'string' },
    plants: { type: 'boolean', default: false },
    plant: { type: 'string' },
    soak: { type: 'boolean', default: false },
    requests: { type: 'string', default: '50000' },
    resume: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
})
const seed = numberOf('seed', values.seed)
const say = (line) => console.log(line)

function numberOf(name, text) {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} ${text} is not a number`)
  return Number(text)
}

/** Each fault in turn, and before each some steps of the write path: there are many more of them. */
const inTurn = Object.keys(faults).flatMap((kind) => (kind === 'none' || kind === 'failpoint' ? [] : ['failpoint', kind]))
const kinds = values.only?.split(',') ?? inTurn
for (const kind of kinds) if (!(kind in faults)) throw new Error(`no fault ${kind}: ${Object.keys(faults).join(', ')}`)
const kindOf = (run) => kinds[run % kinds.length]
/** How often the plan had this fault before. */
const roundOf = (run) => Array.from({ length: run }, (_, n) => kindOf(n)).filter((kind) => kind === kindOf(run)).length
const replay = ({ run }) => `npm run chaos -- --seed ${seed} --run ${run}${values.only === undefined ? '' : ` --only ${values.only}`}`

/** The same seed and number: the same fault, at the same time, on the same service, under the same requests. */
async function numbered(stage, run) {
  const kind = kindOf(run)
  say(`run ${run}: ${kind}`)
  const random = randomOf(seed * 1_000_003 + run)
  const rate = numberOf('rate', values.rate ?? '25')
  const strike = (context) => faults[kind](context, roundOf(run))
  const result = {
    run,
    seed,
    at: new Date().toISOString(),
    ...(await oneRun(stage, { name: `${seed}-${run}`, kind, strike, random, rate, seconds: LOAD_SECONDS, say })),
  }
  say(`  ${told(result)}`)
  if (failed(result)) say(`  again: ${replay(result)}`)
  return result
}

function kept(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  return lines.map((line) => JSON.parse(line))
}

async function campaign() {
  const file = join(results, `runs-${seed}.jsonl`)
  if (!values.resume) rmSync(file, { force: true })
  const all = kept(file)
  const deaths = () => all.reduce((sum, result) => sum + result.deaths, 0)
  const isOver = () =>
    values.kills === undefined ? all.length >= numberOf('runs', values.runs ?? '20') : deaths() >= numberOf('kills', values.kills)
  if (isOver()) return all
  const stage = await openStage({ say })
  let fine = false
  try {
    while (!isOver()) {
      const result = await numbered(stage, all.length)
      all.push(result)
      appendFileSync(file, `${JSON.stringify(result)}\n`)
    }
    fine = !all.some(failed)
  } finally {
    await stage.close({ keep: !fine })
  }
  return all
}

async function single(run) {
  const stage = await openStage({ say })
  let result
  try {
    result = await numbered(stage, run)
  } finally {
    await stage.close({ keep: result === undefined || failed(result) })
  }
  return [result]
}

async function runs() {
  const began = performance.now()
  const all = values.run === undefined ? await campaign() : await single(numberOf('run', values.run))
  const deaths = all.reduce((sum, result) => sum + result.deaths, 0)
  say(`\n${faultTable(all)}\n`)
  if (all.some(({ points = [] }) => points.length > 0)) say(`${pointTable(all)}\n`)
  const alarms = all.filter(failed)
  say(`${all.length} runs, ${deaths} kills that count, ${alarms.length} with an alarm, ${Math.round((performance.now() - began) / 1000)} s`)
  for (const alarm of alarms) say(`  run ${alarm.run} (${alarm.kind}): ${replay(alarm)}`)
  if (alarms.length > 0) process.exitCode = 1
}

async function planted() {
  const file = join(results, 'plants.json')
  const names = values.plant?.split(',') ?? Object.keys(plants)
  const rows = await tryPlants(names, { seed, rate: numberOf('rate', values.rate ?? '25'), say })
  say(`\n${plantTable(rows)}\n`)
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  writeFileSync(file, JSON.stringify([...before.filter(({ plant }) => !names.includes(plant)), ...rows], null, 2))
  if (rows.some(({ caught }) => caught.length === 0)) process.exitCode = 1
}

async function soaked() {
  const file = join(results, 'soak.jsonl')
  if (!values.resume) rmSync(file, { force: true })
  const legs = await soak({
    file,
    before: kept(file),
    requests: numberOf('requests', values.requests),
    seed,
    rate: numberOf('rate', values.rate ?? '50'),
    say,
  })
  say(`\n${soakTable(legs)}\n`)
  if (legs.some(failed)) process.exitCode = 1
}

mkdirSync(results, { recursive: true })
const isTrial = values.plants || values.plant !== undefined
const wantsRuns = values.runs !== undefined || values.kills !== undefined || values.run !== undefined
if (isTrial) await planted()
if (wantsRuns || !(isTrial || values.soak || values.report)) await runs()
if (values.soak) await soaked()
if (values.report) await writeReport(results)
