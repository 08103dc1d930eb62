import { asking, importCustomers } from '../customers.mjs'
import { makeHome, removeHome, startWeir } from '../installation.mjs'

/**
 * Milliseconds from the command until it serves, and until the first decision of a customer registered then is approved: in a new home,
 * where the database is made first, and once more in that home.
 */
export async function measureStart({ kind, broker, times, say }) {
  const starts = []
  for (let n = 0; n < times; n += 1) {
    const home = makeHome()
    try {
      const first = await firstDecision({ kind, broker, home })
      const again = await firstDecision({ kind, broker, home })
      say(
        `ready after ${Math.round(first.ready)} ms, first decision after ${Math.round(first.decided)} ms; again ${Math.round(again.decided)} ms`,
      )
      starts.push({ first, again })
    } finally {
      removeHome(home)
    }
  }
  return starts
}

async function firstDecision({ kind, broker, home }) {
  const weir = await startWeir({ kind, broker, home, asUsersDo: true })
  try {
    await importCustomers(weir, { from: 0, to: 1 })
    const send = asking(weir, 1)
    for (let n = 0; ; n += 1) {
      const response = await fetch(weir.decideUrl, { method: 'POST', ...send(n) })
      const text = await response.text()
      const decided = performance.now() - weir.began
      // Until the gateway has heard of the customer, its tenant is nobody's and held.
      if (response.status === 200 && text.includes('"outcome":"approve"')) return { ready: weir.readyAfterMs, decided }
      if (decided > 60_000) throw new Error(`no approval within a minute: ${response.status} ${text.slice(0, 300)}`)
    }
  } finally {
    await weir.stop()
  }
}
