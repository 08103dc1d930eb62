import { messagesBehind } from '../behind.mjs'
import { loadOn, settle } from '../load.mjs'
import { searchSaturation, whyNotSustained } from '../saturation.mjs'

/** The highest rate that holds, and every rate that was tried. `floor`: nothing of its consumers is off the path. */
export async function measureSaturation(installation, { saturation, confirmSeconds, customers, floor = false, say }) {
  const attempt = async (rate, { seconds, warmUpSeconds }) => {
    // Two seconds' worth of requests under way: their latency is far above a second already.
    const result = await loadOn(installation, { rate, seconds, warmUpSeconds, customers, giveUpAt: 2 * rate + 50 })
    const behind = floor ? undefined : await messagesBehind(installation)
    const reasons = whyNotSustained({ ...result, ...(behind === undefined ? {} : { behind }) })
    say(`${rate}/s for ${seconds} s: ${reasons.length === 0 ? `holds, p99 ${Math.round(result.p99)} ms` : reasons.join('; ')}`)
    await settle(installation, { customers })
    return { ...result, behind, reasons, sustained: reasons.length === 0 }
  }
  const { from, most, precision, probeSeconds } = saturation
  return await searchSaturation({
    probe: (rate) => attempt(rate, { seconds: probeSeconds, warmUpSeconds: 2 }),
    confirm: (rate) => attempt(rate, { seconds: confirmSeconds, warmUpSeconds: 3 }),
    from,
    most,
    precision,
  })
}
