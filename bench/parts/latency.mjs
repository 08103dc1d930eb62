import { loadOn, settle } from '../load.mjs'

/** As many seconds' worth of requests under way are no load any more but a queue, and the higher rates would only make it longer. */
const GIVE_UP_SECONDS = 5

/** One result per rate, lowest first, so that an overload spoils no other; none above a rate at which requests piled up. */
export async function measureLatency(installation, { rates, seconds, warmUpSeconds, customers, warmUp, say }) {
  say(`warm-up, ${warmUp.rate}/s for ${warmUp.seconds} s`)
  await loadOn(installation, { ...warmUp, warmUpSeconds: 0, customers, giveUpAt: GIVE_UP_SECONDS * warmUp.rate })
  await settle(installation, { customers })
  const results = []
  for (const rate of rates) {
    say(`${rate}/s for ${seconds} s`)
    const result = await loadOn(installation, { rate, seconds, warmUpSeconds, customers, giveUpAt: GIVE_UP_SECONDS * rate })
    results.push(result)
    await settle(installation, { customers })
    if (result.gaveUp) break
  }
  return results
}
