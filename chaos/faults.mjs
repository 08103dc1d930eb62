// What is done to the system. Each fault: at a moment of the run, then healed; `deaths` are kills with requests in flight.
import { services } from './cluster.mjs'

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const between = (random, [from, to]) => Math.round(from + random() * (to - from))
const one = (random, list) => list[Math.floor(random() * list.length)]
/** Reports is beside the path of a request. */
const onPath = services.filter((name) => name !== 'reports')
export const failpoints = ['after-fence', 'after-handler', 'before-commit', 'after-commit', 'after-relay']

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
    const name = one(context.random, onPath)
    deaths += await kill(context, { name, strike: () => context.cluster.services[name].signal('SIGKILL') })
    await sleep(between(context.random, everyMs))
  }
  return deaths
}

/** Dies at a step of its write path, in the life after the first kill. */
async function atFailpoints(context, { times }) {
  let deaths = 0
  for (let n = 0; n < times; n++) {
    const service = context.cluster.services[one(context.random, onPath)]
    const point = `${one(context.random, failpoints)}:${between(context.random, [3, 25])}`
    service.arm({ WEIR_TEST_FAILPOINT: point })
    const before = service.deaths
    deaths += await kill(context, { name: service.name, strike: () => service.signal('SIGKILL') })
    for (const end = performance.now() + 15_000; service.deaths < before + 2 && performance.now() < end;) await sleep(50)
    const fell = service.deaths >= before + 2
    const inFlight = context.load.inFlight()
    context.say(`  ${service.name} at ${point}: ${fell ? `died, ${inFlight} in flight` : 'was not reached'}`)
    if (fell && inFlight > 0) deaths += 1
  }
  return deaths
}

async function stopped(context, ms) {
  const service = context.cluster.services[one(context.random, onPath)]
  context.say(`  stop ${service.name} for ${ms} ms: ${context.load.inFlight()} in flight`)
  service.signal('SIGSTOP')
  await sleep(ms)
  service.signal('SIGCONT')
  return 0
}

async function network(context, { mode, ms }) {
  const service = context.cluster.services[one(context.random, onPath)]
  const side = one(context.random, ['kafka', 'postgres'])
  context.say(`  ${JSON.stringify(mode)} between ${service.name} and ${side} for ${ms} ms`)
  service.proxy[side].set(mode)
  await sleep(ms)
  service.proxy[side].heal()
  return 0
}

async function resets(context) {
  for (let n = 0; n < 4; n++) {
    const service = context.cluster.services[one(context.random, onPath)]
    const side = one(context.random, ['kafka', 'postgres'])
    context.say(`  reset ${service.name} and ${side}: ${context.load.inFlight()} in flight`)
    service.proxy[side].reset()
    await sleep(between(context.random, [800, 2_000]))
  }
  return 0
}

async function server(context, name) {
  const deaths = await kill(context, { name, strike: () => context.cluster[name].kill() })
  await sleep(between(context.random, [200, 1_500]))
  await context.cluster[name].restart()
  return deaths
}

export const faults = {
  none: async () => 0,
  kill: (context) => kills(context, { times: 4, everyMs: [1_500, 3_000] }),
  failpoint: (context) => atFailpoints(context, { times: 2 }),
  'stop-below-session': (context) => stopped(context, 4_000),
  'stop-beyond-session': (context) => stopped(context, 13_000),
  delay: (context) => network(context, { mode: { delayMs: between(context.random, [50, 250]) }, ms: 8_000 }),
  'blackhole-out': (context) => network(context, { mode: { blackhole: 'up' }, ms: 8_000 }),
  'blackhole-in': (context) => network(context, { mode: { blackhole: 'down' }, ms: 8_000 }),
  throttle: (context) => network(context, { mode: { bytesPerSecond: 20_000 }, ms: 8_000 }),
  reset: resets,
  'postgres-kill': (context) => server(context, 'postgres'),
  'broker-kill': (context) => server(context, 'broker'),
}
