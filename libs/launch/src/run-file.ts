import { rmSync } from 'node:fs'
import type { Home } from './home.js'
import { writePrivate } from './private-file.js'
import type { Secrets } from './secrets.js'

/** What drives a running installation from outside finds all of it here. */
export interface RunFile {
  /** no trailing slash */
  readonly url: string
  readonly apiKey: string
  readonly officerKeys: readonly string[]
  readonly ledger: { readonly vkey: string }
  readonly pid: number
}

export function writeRunFile(home: Home, running: { readonly url: string; readonly vkey: string; readonly secrets: Secrets }): RunFile {
  const { apiKey, officerKeys } = running.secrets
  const run: RunFile = { url: running.url, apiKey, officerKeys, ledger: { vkey: running.vkey }, pid: process.pid }
  writePrivate(home.run, `${JSON.stringify(run, null, 2)}\n`)
  return run
}

export function removeRunFile(home: Home): void {
  rmSync(home.run, { force: true })
}
