// The checker is tried: faults that are built into the services, each with a way to make it do its harm.
import { openStage, brokenOf, oneRun, randomOf, told } from './stage.mjs'

export const plants = {
  'inbox-off': { service: 'gateway', point: 'after-relay' },
  'fence-off': { service: 'identity', doubts: 12 },
  'offset-before-commit': { service: 'identity', doubts: 12 },
  'relay-before-commit': { service: 'gateway', point: 'before-commit' },
  'receipt-check-off': {},
  'index-gap': {},
  'balance-check-off': {},
}
const PASS = 5

/** The rows of the table: which invariants caught it. */
export async function tryPlants(names, { seed, rate, say }) {
  const rows = []
  for (const plant of names) {
    if (!(plant in plants)) throw new Error(`no plant ${plant}: ${Object.keys(plants).join(', ')}`)
    say(`planted: ${plant}`)
    const stage = await openStage({ env: { WEIR_TEST_PLANT: plant }, say })
    try {
      const run = { name: `${seed}-0`, kind: 'kill', random: randomOf(seed), rate, seconds: 20, settleSeconds: 12, say }
      const result = await oneRun(stage, { ...run, strike: (context) => provoke(context, plants[plant]) })
      say(`  ${told(result)}`)
      const caught = brokenOf(result).map(({ id, name, count, examples }) => ({ id, name, count, example: examples[0] }))
      rows.push({ plant, caught, error: result.error })
    } finally {
      await stage.close()
    }
  }
  return rows
}

async function provoke({ cluster, load, say }, { service, point, doubts }) {
  if (service === undefined) return { deaths: 0 }
  const target = cluster.services[service]
  if (doubts !== undefined) return inDoubt(target, { times: doubts, say })
  const before = target.deaths
  const inFlight = load.inFlight()
  say(`  ${service} at ${point}: ${inFlight} in flight`)
  target.armNow(`${point}:${PASS}`)
  const death = await target.death({ after: before, withinMs: 14_000, look: load.inFlight })
  say(`  ${death === undefined ? 'was not reached' : `died, ${death} in flight`}`)
  return { deaths: target.deaths - before }
}

/** Again and again the answers of PostgreSQL are lost, that to a commit among them: done or not done, nobody knows. */
async function inDoubt(target, { times, say }) {
  say(`  answers of PostgreSQL to ${target.name} are lost ${times} times`)
  for (let n = 0; n < times; n++) {
    target.proxy.postgres.set({ blackhole: 'down' })
    await new Promise((done) => setTimeout(done, 250))
    target.proxy.postgres.heal()
    await new Promise((done) => setTimeout(done, 750))
  }
  return { deaths: 0 }
}

export function plantTable(rows) {
  return rows
    .map(({ plant, caught, error }) => {
      const found = caught.map(({ id, name }) => `${id} (${name})`).join(', ')
      return `${plant.padEnd(22)} ${found || 'NOT FOUND'}\n${''.padEnd(23)}${caught[0]?.example ?? error ?? ''}`
    })
    .join('\n')
}
