import { importCustomers } from '../customers.mjs'
import { fillCustomers } from '../fill-customers.mjs'
import { makeHome, removeHome, startWeir } from '../installation.mjs'
import { loadOn, settle } from '../load.mjs'

/** As many come in as a provider's would, over HTTP; the rest is written beside, because nobody waits that long for a figure. */
const OVER_HTTP = 100_000

/** Latency and CPU of a request, with ever more customers; `filled` says how they came in and how fast. */
export async function measureGrowth({ kind, broker, sizes, rate, seconds, say }) {
  const home = makeHome()
  try {
    const weir = await startWeir({ kind, broker, home })
    try {
      const steps = []
      let from = 0
      for (const customers of sizes) {
        const filled = await fill(weir, { from, to: customers })
        say(`${customers} customers (${filled.how}, ${filled.perSecond} a second): ${rate}/s for ${seconds} s`)
        const load = await loadOn(weir, { rate, seconds, warmUpSeconds: 3, customers })
        steps.push({ customers, filled, ...load })
        from = customers
      }
      return steps
    } finally {
      await weir.stop()
    }
  } finally {
    removeHome(home)
  }
}

async function fill(weir, { from, to }) {
  const began = performance.now()
  const overHttp = to <= OVER_HTTP
  if (overHttp) await importCustomers(weir, { from, to })
  else await fillCustomers(weir, { from, to })
  const perSecond = Math.round((to - from) / ((performance.now() - began) / 1_000))
  // Until the gateway has heard of all of them: the last ones are asked for.
  await settle(weir, { customers: to, last: true })
  return { how: overHttp ? 'imported over HTTP' : 'written into the database', perSecond }
}
