import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Options } from './options.js'
import { seedRunner, type Outcome, type RunSeeds, type Stretch, type Terms } from './run-seeds.js'

export interface WorkerStart {
  readonly policyFolder: string
  readonly terms: Terms
}

interface Place {
  /** of the bundle, which a worker loads again */
  readonly code: URL
  readonly policyFolder: URL
}

/** Seeds over all jobs, in stretches. Nothing is begun behind the first seed that breaks, and everything before it is finished. */
export async function allSeeds(options: Options, place: Place): Promise<readonly Outcome[]> {
  const { seed, runs, jobs } = options
  const outcomes: Outcome[] = []
  const size = Math.max(1, Math.min(50, Math.ceil(runs / jobs / 4)))
  let next = seed
  const work = async (run: RunSeeds): Promise<void> => {
    while (next < seed + runs && outcomes.every(({ broken }) => broken === undefined)) {
      const from = next
      next += size
      outcomes.push(await run({ from, runs: Math.min(size, seed + runs - from) }))
    }
  }
  if (jobs === 1 || runs === 1) await work(seedRunner(place.policyFolder, options))
  else await Promise.all(Array.from({ length: Math.min(jobs, runs) }, () => withWorker(options, place, work)))
  return outcomes.sort((a, b) => a.from - b.from)
}

async function withWorker(terms: Terms, place: Place, work: (run: RunSeeds) => Promise<void>): Promise<void> {
  const { requests, plant, history } = terms
  const start: WorkerStart = { policyFolder: place.policyFolder.href, terms: { requests, plant, history } }
  const worker = new Worker(place.code, { workerData: start })
  try {
    await work(async (stretch: Stretch) => {
      worker.postMessage(stretch)
      const [outcome] = (await once(worker, 'message')) as [Outcome]
      return outcome
    })
  } finally {
    await worker.terminate()
  }
}
