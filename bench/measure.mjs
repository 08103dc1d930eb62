import { startLocalKafka } from '../tools/kafka.mjs'
import { importCustomers } from './customers.mjs'
import { makeHome, removeHome, startFloor, startWeir } from './installation.mjs'
import { profileUnderLoad } from './parts/flame.mjs'
import { measureGrowth } from './parts/growth.mjs'
import { measureIdle } from './parts/idle.mjs'
import { measureLatency } from './parts/latency.mjs'
import { measureSaturation } from './parts/saturation.mjs'
import { measureStart } from './parts/start.mjs'
import { countStatements } from './parts/statements.mjs'

/** All that `options` asks for on one transport: `{ floor, weir }`, each with the parts by name, and `profiles` of the flame graph. */
export async function measureTransport(kind, options, say) {
  const broker = kind === 'kafka' ? await startLocalKafka({ port: 0 }) : undefined
  const has = (...parts) => parts.some((part) => options.parts.includes(part))
  try {
    const run = { kind, broker, options, has }
    const floor = has('latency', 'saturation') ? await measureFloor({ ...run, say: (line) => say(`floor: ${line}`) }) : {}
    const weir = { ...(await measureRunning({ ...run, say })), ...(await measureFresh({ ...run, say })) }
    if (has('flame')) say(`profiling at ${options.flame.rate}/s for ${options.flame.seconds} s`)
    const { customers } = options
    const profiles = has('flame') ? await profileUnderLoad({ kind, broker, customers, ...options.flame }) : {}
    return { floor, weir, profiles }
  } finally {
    await broker?.stop()
  }
}

async function measureFloor({ kind, broker, options, has, say }) {
  return await withHome(async (home) => {
    const floor = await startFloor({ kind, broker, home })
    try {
      const latency = has('latency') ? await measureLatency(floor, { ...options, say }) : undefined
      const confirmSeconds = options.saturation.floorConfirmSeconds
      const saturation = has('saturation') ? await measureSaturation(floor, { ...options, confirmSeconds, floor: true, say }) : undefined
      return { latency, saturation }
    } finally {
      await floor.stop()
    }
  })
}

/** What is measured on one installation, one after the other: idle when it is warm, overloaded last. */
async function measureRunning({ kind, broker, options, has, say }) {
  if (!has('latency', 'idle', 'saturation')) return {}
  return await withHome(async (home) => {
    const weir = await startWeir({ kind, broker, home })
    try {
      await importCustomers(weir, { from: 0, to: options.customers })
      const latency = has('latency') ? await measureLatency(weir, { ...options, say }) : undefined
      if (has('idle')) say(`idle for ${options.idle.seconds} s`)
      const idle = has('idle') ? await measureIdle(weir, options.idle) : undefined
      const { confirmSeconds } = options.saturation
      const saturation = has('saturation') ? await measureSaturation(weir, { ...options, confirmSeconds, say }) : undefined
      return { latency, idle, saturation }
    } finally {
      await weir.stop()
    }
  })
}

/** What needs an installation that nothing happened to. */
async function measureFresh({ kind, broker, options, has, say }) {
  const { customers } = options
  if (has('statements')) say(`counting statements at ${options.statements.rate}/s`)
  return {
    start: has('start') ? await measureStart({ kind, broker, ...options.start, say }) : undefined,
    statements: has('statements') ? await countStatements({ kind, broker, customers, ...options.statements }) : undefined,
    growth: has('growth') ? await measureGrowth({ kind, broker, ...options.growth, say }) : undefined,
  }
}

async function withHome(work) {
  const home = makeHome()
  try {
    return await work(home)
  } finally {
    removeHome(home)
  }
}
