import { existsSync, readFileSync } from 'node:fs'
import { places } from './places.mjs'

/** What somebody needs to use this installation from outside: the same as in the `run.json` of a local one. */
export function readAccess() {
  if (!existsSync(places.secrets)) throw new Error('This installation has no keys yet: start it first (docker compose up).')
  const { apiKey, officerKeys } = JSON.parse(readFileSync(places.secrets, 'utf8'))
  return {
    url: process.env.WEIR_URL ?? 'http://127.0.0.1:8080',
    apiKey,
    officerKeys,
    ledger: { vkey: readFileSync(places.vkey, 'utf8') },
  }
}
