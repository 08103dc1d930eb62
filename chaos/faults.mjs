// What is done to the system. Each fault: at a moment of the run, then healed; `deaths` are kills with requests in flight.
import { services } from './cluster.mjs'

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const between = (random, [from, to]) => Math.round(from + random() * (to - from))
const one = (random, list) => list[Math.floor(random() * list.length)]
/** Reports is beside the path of a request. */
const onPath = services.filter((name) => name !== 'reports')
const everywhere = [
  'after-fence',
  'after-handler',
  'before-commit',
  'after-commit',
  'before-relay',
  'after-relay',
  'after-mark',
  'before-offsets',
  'after-offsets',
]
const ofLedger = ['after-sign', 'before-checkpoint', 'after-checkpoint']
/** Every step of every service's write path, the services in turn: one that died needs a while. */
const steps = [
  ...everywhere.flatMap((point) => services.map((service) => ({ service, point }))),
  ...ofLedger.map((point) => ({ service: 'ledger', point })),
]
const STEPS_PER_RUN = 4
const REACH_WITHIN_MS = 6_000

/** Waits for a moment with work under way: a kill that hits nothing shows nothing. */
async function whileInFlight(load) {
  for (const end = performance.now() + 1_000; load.inFlight() === 0 && performance.now() < end;) await sleep(2)
  return load.inFlight()
}

async function kill({ load, say }, { name, strike }) {
  const inFlight = await whileInFlight(load)
  strike()
  say(`  kill ${name}: ${inFlight} in flight${inFlight === 0 ? ', does not count' : ''}`)
  return inFlight > 0 ? 1 : 0
}

async function kills(context, { times, everyMs }) {
  let deaths = 0
  for (let n = 0; n < times; n++) {
    deaths += await serviceKill(context)
    await sleep(between(context.random, everyMs))
  }
  return { deaths }
}

export function serviceKill(context) {
  const name = one(context.random, services)
  return kill(context, { name, strike: () => context.cluster.services[name].signal('SIGKILL') })
}

/** It dies at that step; run by run, all steps of all services. */
async function atFailpoints(context, round) {
  const points = []
  const mine = Array.from({ length: STEPS_PER_RUN }, (_, n) => steps[(round * STEPS_PER_RUN + n) % steps.length])
  // Against the flow: who waits for one that just died has nothing to do.
  for (const step of mine.sort((a, b) => services.indexOf(b.service) - services.indexOf(a.service))) {
    if (performance.now() + REACH_WITHIN_MS > context.end) break
    points.push({ ...step, inFlight: await dieAt(context, step) })
  }
  return { deaths: points.filter(({ inFlight }) => inFlight > 0).length, points }
}

async function dieAt({ cluster, load, random, say }, { service, point }) {
  const target = cluster.services[service]
  const pass = service === 'reports' ? 1 : between(random, [1, 3])
  await target.ready(10_000)
  const after = target.deaths
  target.armNow(`${point}:${pass}`)
  const inFlight = await target.death({ after, withinMs: REACH_WITHIN_MS, look: load.inFlight })
  const fate = inFlight === undefined ? 'was not reached' : `died, ${inFlight} in flight${inFlight === 0 ? ', does not count' : ''}`
  say(`  ${service} at ${point}, pass ${pass}: ${fate}`)
  // Not to die of it later, unseen.
  if (inFlight === undefined) target.signal('SIGTERM')
  return inFlight
}

async function stopped(context, ms) {
  const service = context.cluster.services[one(context.random, onPath)]
  context.say(`  stop ${service.name} for ${ms} ms: ${context.load.inFlight()} in flight`)
  service.signal('SIGSTOP')
  await sleep(ms)
  service.signal('SIGCONT')
  return { deaths: 0 }
}

async function network(context, { mode, ms }) {
  const service = context.cluster.services[one(context.random, onPath)]
  const side = one(context.random, ['kafka', 'postgres'])
  context.say(`  ${JSON.stringify(mode)} between ${service.name} and ${side} for ${ms} ms`)
  service.proxy[side].set(mode)
  const lost = service.proxy[side].lost()
  await sleep(ms)
  if (mode.blackhole !== undefined) context.say(`  ${service.proxy[side].lost() - lost} bytes lost`)
  service.proxy[side].heal()
  return { deaths: 0 }
}

async function resets(context) {
  for (let n = 0; n < 4; n++) {
    const service = context.cluster.services[one(context.random, onPath)]
    const side = one(context.random, ['kafka', 'postgres'])
    context.say(`  reset ${service.name} and ${side}: ${context.load.inFlight()} in flight`)
    service.proxy[side].reset()
    await sleep(between(context.random, [800, 2_000]))
  }
  return { deaths: 0 }
}

export async function serverKill(context, name) {
  const deaths = await kill(context, { name, strike: () => context.cluster[name].kill() })
  await sleep(between(context.random, [200, 1_500]))
  await context.cluster[name].restart()
  return deaths
}

export const faults = {
  none: async () => ({ deaths: 0 }),
  kill: (context) => kills(context, { times: 4, everyMs: [1_500, 3_000] }),
  failpoint: atFailpoints,
  'stop-below-session': (context) => stopped(context, 4_000),
  'stop-beyond-session': (context) => stopped(context, 13_000),
  delay: (context) => network(context, { mode: { delayMs: between(context.random, [50, 250]) }, ms: 8_000 }),
  'blackhole-out': (context) => network(context, { mode: { blackhole: 'up' }, ms: 8_000 }),
  'blackhole-in': (context) => network(context, { mode: { blackhole: 'down' }, ms: 8_000 }),
  throttle: (context) => network(context, { mode: { bytesPerSecond: 20_000 }, ms: 8_000 }),
  reset: resets,
  'postgres-kill': async (context) => ({ deaths: await serverKill(context, 'postgres') }),
  'broker-kill': async (context) => ({ deaths: await serverKill(context, 'broker') }),
}
