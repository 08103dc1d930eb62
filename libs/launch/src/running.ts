import { existsSync, readFileSync } from 'node:fs'
import type { Home } from './home.js'
import type { RunFile } from './run-file.js'

/** What runs in this home now; undefined: nothing, or what ran was killed and left its file. */
export function runningIn(home: Pick<Home, 'run'>): RunFile | undefined {
  if (!existsSync(home.run)) return undefined
  const run = JSON.parse(readFileSync(home.run, 'utf8')) as RunFile
  try {
    process.kill(run.pid, 0)
    return run
  } catch {
    return undefined
  }
}
