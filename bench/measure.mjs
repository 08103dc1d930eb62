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

/**
 * All that `options` asks for on one transport: `{ floor, weir }`, each with the parts by name, `profiles` for flame graphs, and `failures`,
 * `{ part, message }`: a part that fails is no reason to throw away what others took minutes for.
 */
export async function measureTransport(kind, options, say) {
  const broker = kind === 'kafka' ? await startLocalKafka({ port: 0 }) : undefined
  const run = new Run({ kind, broker, options, say })
  try {
    const floor = await run.floor()
    const weir = { ...(await run.running()), ...(await run.fresh()) }
    const profiles = await run.part('flame', () => run.profiles())
    return { floor, weir, profiles: profiles ?? {}, failures: run.failures }
  } finally {
    await broker?.stop()
  }
}

class Run {
  failures = []

  constructor({ kind, broker, options, say }) {
    this.on = { kind, broker }
    this.options = options
    this.say = say
  }

  has(...parts) {
    return parts.some((part) => this.options.parts.includes(part))
  }

  async part(name, work) {
    if (!this.has(name)) return undefined
    try {
      return await work()
    } catch (error) {
      this.say(`${name} failed: ${error.message}`)
      this.failures.push({ part: name, message: error.message })
      return undefined
    }
  }

  async floor() {
    const say = (line) => this.say(`floor: ${line}`)
    return await this.#with(startFloor, ['latency', 'saturation'], async (floor) => {
      const confirmSeconds = this.options.saturation.floorConfirmSeconds
      return {
        latency: await this.part('latency', () => measureLatency(floor, { ...this.options, say })),
        saturation: await this.part('saturation', () => measureSaturation(floor, { ...this.options, confirmSeconds, floor: true, say })),
      }
    })
  }

  /** What is measured on one installation, one after the other: idle when it is warm, overloaded last. */
  async running() {
    const { options, say } = this
    return await this.#with(startWeir, ['latency', 'idle', 'saturation'], async (weir) => {
      await importCustomers(weir, { from: 0, to: options.customers })
      const { confirmSeconds } = options.saturation
      return {
        latency: await this.part('latency', () => measureLatency(weir, { ...options, say })),
        idle: await this.part('idle', () => measureIdle(weir, { ...options.idle, say })),
        saturation: await this.part('saturation', () => measureSaturation(weir, { ...options, confirmSeconds, say })),
      }
    })
  }

  /** What needs an installation that nothing happened to. */
  async fresh() {
    const { on, say } = this
    const { customers, start, statements, growth } = this.options
    return {
      start: await this.part('start', () => measureStart({ ...on, ...start, say })),
      statements: await this.part('statements', () => countStatements({ ...on, customers, ...statements, say })),
      growth: await this.part('growth', () => measureGrowth({ ...on, ...growth, say })),
    }
  }

  async profiles() {
    const { customers, flame } = this.options
    return await profileUnderLoad({ ...this.on, customers, ...flame, say: this.say })
  }

  async #with(start, parts, work) {
    if (!this.has(...parts)) return {}
    const home = makeHome()
    try {
      const installation = await start({ ...this.on, home })
      try {
        return await work(installation)
      } finally {
        await installation.stop()
      }
    } catch (error) {
      this.say(`${parts.join(', ')} failed: ${error.message}`)
      this.failures.push({ part: parts.join(', '), message: error.message })
      return {}
    } finally {
      removeHome(home)
    }
  }
}
