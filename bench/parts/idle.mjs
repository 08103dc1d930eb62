import { setTimeout as pass } from 'node:timers/promises'
import { cpuBetween, cpuOf, memoryOf } from '../processes.mjs'

/** CPU and memory of an installation that nobody asks anything, in cores and MB, by part. */
export async function measureIdle(installation, { settleSeconds, seconds, say }) {
  say(`idle for ${seconds} s`)
  await pass(settleSeconds * 1_000)
  const components = installation.components()
  const [before, began] = [cpuOf(components), performance.now()]
  await pass(seconds * 1_000)
  const used = cpuBetween(before, cpuOf(components))
  const passed = (performance.now() - began) / 1_000
  return {
    seconds,
    cores: Object.fromEntries(Object.entries(used).map(([name, value]) => [name, value / passed])),
    memory: memoryOf(components),
  }
}
