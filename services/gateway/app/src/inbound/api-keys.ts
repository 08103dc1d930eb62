import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ProblemError } from '@weir/service-host'
import { z } from 'zod'

export const scopes = [
  'requests:decide',
  'requests:read',
  'sources:write',
  'customers:read',
  'customers:write',
  'cases:read',
  'cases:act',
  'licenses:read',
  'licenses:write',
  'policy:read',
  'catalog:read',
  'catalog:write',
  'reports:read',
  'reports:write',
  'ledger:read',
  'parked:read',
  'parked:redrive',
] as const
export type Scope = (typeof scopes)[number]

const keyFile = z.array(
  z.object({ name: z.string().min(1).max(100), sha256: z.string().regex(/^[0-9a-f]{64}$/), scopes: z.array(z.enum(scopes)) }),
)

export interface Caller {
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** API keys with their scopes. The file holds SHA-256 of each key: keys are random, so no slower hash is needed. */
export class ApiKeys {
  private readonly callers: ReadonlyMap<string, Caller>

  constructor(file: string) {
    const keys = keyFile.parse(JSON.parse(readFileSync(file, 'utf8')))
    this.callers = new Map(keys.map(({ sha256, name, scopes: granted }) => [sha256, { name, scopes: granted }]))
  }

  /** 401 without a known key, 403 without the scope; looked up by digest, so timing tells nothing about a key. */
  require(authorization: string | undefined, scope: Scope): Caller {
    const key = /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization ?? '')?.[1]
    const caller = key === undefined ? undefined : this.callers.get(createHash('sha256').update(key).digest('hex'))
    if (caller === undefined) {
      throw new ProblemError({
        status: 401,
        code: 'key-missing',
        title: 'This needs a valid API key.',
        detail: 'Send it as `Authorization: Bearer KEY`.',
        headers: { 'www-authenticate': 'Bearer realm="weir"' },
      })
    }
    if (!caller.scopes.includes(scope)) {
      throw new ProblemError({
        status: 403,
        code: 'scope-missing',
        title: 'The key may not do this.',
        detail: `It lacks the scope ${scope}.`,
      })
    }
    return caller
  }
}
