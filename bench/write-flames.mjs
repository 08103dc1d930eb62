import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flameChart } from './draw/flame-chart.mjs'
import { hottest, treeOf } from './flame.mjs'
import { nameOf } from './names.mjs'

const NAMED = 15

/** The profiles, a flame graph of each, and as tables what is hottest in them. */
export function writeFlames(profiles, { kind, folder, root }) {
  mkdirSync(folder, { recursive: true })
  return Object.entries(profiles).flatMap(([name, profile]) => {
    const tree = treeOf(profile, { root })
    const file = join(folder, `flame-${kind}-${name}`)
    writeFileSync(`${file}.cpuprofile`, JSON.stringify(profile))
    writeFileSync(`${file}.svg`, flameChart({ title: `${nameOf(kind)}, ${name}`, tree }))
    const { functions, owners } = hottest(tree)
    const rowsOf = (ranked) => ranked.slice(0, NAMED).map(({ name: what, ms, share }) => [what, ms.toFixed(0), (share * 100).toFixed(1)])
    const title = `${nameOf(kind)}, ${name}: ${(tree.total / 1_000).toFixed(1)} s of CPU`
    return [
      { title: `${title}, by whose code`, head: ['', 'ms', 'percent'], rows: rowsOf(owners) },
      { title: `${title}, by function`, head: ['', 'ms', 'percent'], rows: rowsOf(functions) },
    ]
  })
}
