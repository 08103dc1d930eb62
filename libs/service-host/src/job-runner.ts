import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Job } from './service-definition.js'

export interface JobRunner {
  /** Waits for what runs; starts nothing more. */
  stop(): Promise<void>
}

/** The next run begins `everyMs` after the end of the one before, so a job never meets itself. */
export function startJobs(jobs: readonly Job[], host: { readonly logger: Logger; readonly metrics: Registry }): JobRunner {
  const failures = new Counter({
    name: 'weir_job_failures_total',
    help: 'runs of a periodic job that failed',
    labelNames: ['job'],
    registers: [host.metrics],
  })
  const loops = jobs.map((job) =>
    startLoop(job, (error) => {
      failures.inc({ job: job.name })
      host.logger.error({ err: error, job: job.name }, 'job failed')
    }),
  )
  return {
    stop: async () => {
      await Promise.all(loops.map((stop) => stop()))
    },
  }
}

function startLoop(job: Job, failed: (error: unknown) => void): () => Promise<void> {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const plan = () => {
    if (stopped) return
    timer = setTimeout(() => {
      running = Promise.resolve()
        .then(() => job.run())
        .catch(failed)
        .then(plan)
    }, job.everyMs)
  }
  plan()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}
