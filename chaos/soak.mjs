// Load without end, a service killed every 10 s, broker or postmaster every 120 s; looked at after each leg.
import { appendFileSync } from 'node:fs'
import { serviceKill, serverKill } from './faults.mjs'
import { failed, oneRun, openStage, randomOf, told } from './stage.mjs'

const LEG_SECONDS = 120
const KILL_EVERY_MS = 10_000
const REST_MS = 5_000
/** The kill of a leg that hits broker or postmaster instead. */
const SERVER_KILL = 6
/** The checker keeps what it saw in memory; a new stage begins with nothing. */
const STAGE_REQUESTS = 60_000

export async function soak({ file, before, requests, seed, rate, say }) {
  const legs = [...before]
  const sent = (of) => of.reduce((sum, leg) => sum + leg.requests, 0)
  while (sent(legs) < requests) {
    const stage = await openStage({ say })
    const own = []
    try {
      while (sent(legs) < requests && sent(own) < STAGE_REQUESTS) {
        const leg = await oneLeg(stage, { leg: legs.length, seed, rate, say })
        own.push(leg)
        legs.push(leg)
        appendFileSync(file, `${JSON.stringify(leg)}\n`)
        say(`  ${told(leg)}\n  ${sent(legs)} of ${requests} requests`)
      }
    } finally {
      await stage.close({ keep: own.length === 0 || own.some(failed) })
    }
  }
  return legs
}

async function oneLeg(stage, { leg, seed, rate, say }) {
  say(`leg ${leg}`)
  const random = randomOf(seed * 1_000_003 + leg)
  const strike = (context) => strikes(context, leg)
  const quantity = LEG_SECONDS * 10
  const name = `soak-${seed}-${leg}`
  const run = { name, kind: 'soak', strike, random, rate, seconds: LEG_SECONDS, quantity, settleSeconds: 60, say }
  return { leg, seed, at: new Date().toISOString(), ...(await oneRun(stage, run)) }
}

async function strikes(context, leg) {
  const struck = { deaths: 0, services: 0, servers: 0 }
  const began = performance.now()
  for (let n = 1; began + n * KILL_EVERY_MS + REST_MS < context.end; n++) {
    await new Promise((done) => setTimeout(done, Math.max(0, began + n * KILL_EVERY_MS - performance.now())))
    const isServer = n === SERVER_KILL
    const deaths = isServer ? await serverKill(context, leg % 2 === 0 ? 'broker' : 'postgres') : await serviceKill(context)
    struck.deaths += deaths
    struck[isServer ? 'servers' : 'services'] += deaths
  }
  return struck
}
