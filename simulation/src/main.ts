import { runSeed } from './run-seed.js'
import { loadFixtures } from './services.js'
import { plants, type Plant } from './plants.js'

interface Options {
  readonly seed: number
  readonly runs: number
  readonly requests: number
  readonly plant: Plant | undefined
}

function optionsOf(given: readonly string[]): Options {
  const value = (name: string): string | undefined => {
    const at = given.indexOf(`--${name}`)
    return at < 0 ? undefined : given[at + 1]
  }
  const plant = plants.find((one) => one === value('plant'))
  const number = (name: string, otherwise: number): number => Number(value(name) ?? otherwise)
  return { seed: number('seed', 1), runs: number('runs', 1000), requests: number('requests', 40), plant }
}

/** `--seed S --runs N`: N runs from seed S on; ends with 1 at the first run that breaks an invariant. */
export async function simulate(given: readonly string[], policyFolder: URL): Promise<number> {
  const { seed: first, runs, requests, plant } = optionsOf(given)
  const fixtures = loadFixtures(policyFolder)
  const began = performance.now()
  const counts: Record<string, number> = {}
  for (let seed = first; seed < first + runs; seed++) {
    const report = await runSeed({ seed, requests, plant }, fixtures)
    for (const [what, count] of Object.entries(report.counts)) counts[what] = (counts[what] ?? 0) + count
    if (report.violations.length === 0) continue
    process.stdout.write(`seed ${seed} breaks\n${report.violations.map(({ invariant, detail }) => `  ${invariant}: ${detail}\n`).join('')}`)
    process.stdout.write(
      `again: npm run simulate -- --seed ${seed} --runs 1 --requests ${requests}${plant === undefined ? '' : ` --plant ${plant}`}\n`,
    )
    return 1
  }
  const seconds = (performance.now() - began) / 1000
  const perMinute = Math.round((runs * requests * 60) / seconds)
  process.stdout.write(
    `${runs} runs of ${requests} requests in ${seconds.toFixed(1)} s: ${perMinute.toLocaleString('en')} requests a minute, no violation\n`,
  )
  for (const [what, count] of Object.entries(counts).sort()) process.stdout.write(`  ${what}: ${count.toLocaleString('en')}\n`)
  return 0
}
