import { loadOn, settle } from '../load.mjs'

/** One result per rate; lowest first, so that an overload spoils no other. */
export async function measureLatency(installation, { rates, seconds, warmUpSeconds, customers, say }) {
  const results = []
  for (const rate of rates) {
    say(`${rate}/s for ${seconds} s`)
    results.push(await loadOn(installation, { rate, seconds, warmUpSeconds, customers }))
    await settle(installation, { customers })
  }
  return results
}
