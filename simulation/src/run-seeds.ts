import { armPlant, type Plant } from './plants.js'
import { runSeed } from './run-seed.js'
import { loadFixtures } from './services.js'
import type { Violation } from './checker.js'

/** Seeds that are run one after the other, up to the first one that breaks an invariant. */
export interface Stretch {
  readonly from: number
  readonly runs: number
}

export interface Terms {
  readonly requests: number
  readonly plant: Plant | undefined
  readonly history: boolean
}

export interface Broken {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly history: string
}

export interface Outcome extends Stretch {
  /** how many were run */
  readonly ran: number
  readonly counts: Readonly<Record<string, number>>
  /** by seed, where they were asked for */
  readonly histories: readonly (readonly [number, string])[]
  readonly broken?: Broken
}

export type RunSeeds = (stretch: Stretch) => Promise<Outcome>

export function seedRunner(policyFolder: URL, { requests, plant, history }: Terms): RunSeeds {
  armPlant(plant)
  const fixtures = loadFixtures(policyFolder)
  return async ({ from, runs }) => {
    const counts: Record<string, number> = {}
    const histories: (readonly [number, string])[] = []
    for (let seed = from; seed < from + runs; seed++) {
      const report = await runSeed({ seed, requests, plant }, fixtures)
      for (const [what, count] of Object.entries(report.counts)) counts[what] = (counts[what] ?? 0) + count
      if (history) histories.push([seed, report.history()])
      if (report.violations.length === 0) continue
      const broken = { seed, violations: report.violations, history: report.history() }
      return { from, runs, ran: seed - from + 1, counts, histories, broken }
    }
    return { from, runs, ran: runs, counts, histories }
  }
}
