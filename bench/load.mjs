import { asking } from './customers.mjs'
import { openLoop } from './open-loop.mjs'
import { cpuBetween, cpuOf } from './processes.mjs'

const SETTLED_WITHIN_MS = 180_000

/** A load on an installation, with the CPU that each part took meanwhile; `perRequest` in milliseconds. */
export async function loadOn(installation, { customers, ...load }) {
  const { marks, ...result } = await openLoop({
    url: installation.decideUrl,
    send: asking(installation, customers),
    mark: () => ({ cpu: cpuOf(installation.components()) }),
    ...load,
  })
  const [from, to] = [marks[0], marks.at(-1)]
  const seconds = (to.at - from.at) / 1_000
  const answered = to.answered - from.answered
  if (marks.length < 2 || answered === 0) return result
  const used = Object.entries(cpuBetween(from.cpu, to.cpu))
  return {
    ...result,
    cpu: {
      cores: Object.fromEntries(used.map(([name, value]) => [name, value / seconds])),
      perRequest: Object.fromEntries(used.filter(([name]) => name !== 'others').map(([name, value]) => [name, (value * 1_000) / answered])),
    },
  }
}

/**
 * Waits until what an overload left behind is worked off: three answers in a row that are as fast as usual. `last`: asked by those who
 * were registered last, of whom the gateway may not have heard yet.
 */
export async function settle(installation, { customers, last = false }) {
  const send = asking(installation, customers, last ? (n) => customers - 1 - (n % 3) : undefined)
  let fast = 0
  for (let n = 0, end = performance.now() + SETTLED_WITHIN_MS; fast < 3; n += 1) {
    if (performance.now() > end) throw new Error(`no rest within ${SETTLED_WITHIN_MS / 1_000} s of the load`)
    const began = performance.now()
    const response = await fetch(installation.decideUrl, { method: 'POST', ...send(n) })
    const text = await response.text()
    fast = response.status === 200 && text.includes('"outcome":"approve"') && performance.now() - began < 400 ? fast + 1 : 0
    if (fast === 0) await new Promise((next) => setTimeout(next, 250))
  }
}
