import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Home } from './home.js'
import { writePrivate } from './private-file.js'

/** Random on the first start, kept in the home with mode 0600; no secret is built in. */
export interface Secrets {
  /** may decide, submit, post to every source, and read requests, receipts and entries of any tenant */
  readonly apiKey: string
  /** two officers, so that one proposes and the other approves */
  readonly officerKeys: readonly [string, string]
  /** between the gateway and the other services */
  readonly internalToken: string
}

const platformScopes = [
  'requests:decide',
  'requests:read',
  'sources:write',
  'ledger:read',
  'reports:read',
  'reports:write',
  'catalog:read',
  'policy:read',
]
const officerScopes = [
  ...platformScopes,
  'customers:read',
  'customers:write',
  'cases:read',
  'cases:act',
  'licenses:read',
  'licenses:write',
  'catalog:write',
  'parked:read',
  'parked:redrive',
]

export function openSecrets(home: Home): Secrets {
  if (!existsSync(home.secrets)) {
    const secret = (prefix: string) => `${prefix}_${randomBytes(32).toString('base64url')}`
    const fresh: Secrets = {
      apiKey: secret('weir'),
      officerKeys: [secret('officer'), secret('officer')],
      internalToken: secret('internal'),
    }
    writePrivate(home.secrets, `${JSON.stringify(fresh, null, 2)}\n`)
  }
  const secrets = JSON.parse(readFileSync(home.secrets, 'utf8')) as Secrets
  const entry = (name: string, grant: { readonly key: string; readonly scopes: readonly string[] }) => ({
    name,
    sha256: createHash('sha256').update(grant.key).digest('hex'),
    scopes: grant.scopes,
  })
  const keys = [
    entry('platform', { key: secrets.apiKey, scopes: platformScopes }),
    entry('officer-1', { key: secrets.officerKeys[0], scopes: officerScopes }),
    entry('officer-2', { key: secrets.officerKeys[1], scopes: officerScopes }),
  ]
  writePrivate(home.apiKeys, `${JSON.stringify(keys, null, 2)}\n`)
  return secrets
}
