import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { importCustomers } from '../customers.mjs'
import { openInspector } from '../inspector.mjs'
import { makeHome, removeHome, startWeir } from '../installation.mjs'
import { loadOn } from '../load.mjs'

/** Microseconds between two looks at the stack. */
const LOOKS_EVERY = 500

/** What the services do under load: `{ name: .cpuprofile }`, one of the process of all, or one of each service. */
export async function profileUnderLoad({ kind, broker, customers, rate, seconds, say }) {
  say(`profiling at ${rate}/s for ${seconds} s`)
  const home = makeHome()
  try {
    const weir = await startWeir({ kind, broker, home, env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } })
    try {
      await importCustomers(weir, { from: 0, to: customers })
      const inspectors = await Promise.all(Object.entries(portsOf(weir)).map(async ([name, url]) => [name, await openInspector(url)]))
      await loadOn(weir, { rate, seconds: 3, warmUpSeconds: 0, customers })
      await each(inspectors, async ({ call }) => {
        await call('Profiler.enable')
        await call('Profiler.setSamplingInterval', { interval: LOOKS_EVERY })
        await call('Profiler.start')
      })
      await loadOn(weir, { rate, seconds, warmUpSeconds: 0, customers })
      const profiles = await each(inspectors, async ({ call, close }) => {
        const { profile } = await call('Profiler.stop')
        close()
        return profile
      })
      return Object.fromEntries(profiles)
    } finally {
      await weir.stop()
    }
  } finally {
    removeHome(home)
  }
}

const each = async (inspectors, work) => await Promise.all(inspectors.map(async ([name, inspector]) => [name, await work(inspector)]))

/** Node says on standard error where it listens, and services write that into their logs. */
function portsOf({ kind, home, said }) {
  const logs = join(home, 'logs')
  const texts =
    kind === 'kafka'
      ? readdirSync(logs).map((name) => [basename(name, '.log'), readFileSync(join(logs, name), 'utf8')])
      : [['services', said()]]
  return Object.fromEntries(
    texts.map(([name, text]) => {
      const url = /Debugger listening on (ws:\/\/\S+)/.exec(text)?.[1]
      if (url === undefined) throw new Error(`${name} does not say where its debugging port is`)
      return [name, url]
    }),
  )
}
