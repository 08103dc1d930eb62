import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from './usage-error.js'

const runFile = z.object({
  url: z.string().min(1),
  apiKey: z.string().min(1),
  officerKeys: z.array(z.string()).default([]),
  ledger: z.object({ vkey: z.string().min(1) }).optional(),
})
export type RunFile = z.infer<typeof runFile>

export type Environment = Readonly<Record<string, string | undefined>>

export interface AccessOptions {
  readonly url?: string | undefined
  readonly apiKey?: string | undefined
  /** the same as `apiKey` */
  readonly key?: string | undefined
}

export interface Access {
  readonly url: string
  readonly apiKey: string
}

/** What runs on this machine, as its home tells; undefined: nothing runs. */
export function readRunFile(env: Environment): RunFile | undefined {
  const file = join(env['WEIR_HOME'] ?? '.weir', 'run.json')
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  try {
    return runFile.parse(JSON.parse(text))
  } catch (cause) {
    throw new UsageError(`${file} does not tell where Weir runs`, { cause })
  }
}

/** `officer`: the local installation's officer key stands in for one that is not given, as the platform's may not do this. */
export function accessOf(options: AccessOptions, from: { readonly env: Environment; readonly as: 'platform' | 'officer' }): Access {
  const given = { url: options.url ?? from.env['WEIR_URL'], apiKey: options.apiKey ?? options.key ?? from.env['WEIR_API_KEY'] }
  const run = given.url !== undefined && given.apiKey !== undefined ? undefined : readRunFile(from.env)
  const local = from.as === 'officer' ? (run?.officerKeys[0] ?? run?.apiKey) : run?.apiKey
  const url = given.url ?? run?.url
  // Danger: a key of the local installation must not be sent to another place than that installation.
  const apiKey = given.apiKey ?? (url?.replace(/\/+$/, '') === run?.url ? local : undefined)
  if (url === undefined)
    throw new UsageError('no Weir runs here (there is no run.json in WEIR_HOME or .weir): start it, or give --url and --api-key')
  if (apiKey === undefined) throw new UsageError('give --api-key, or set WEIR_API_KEY')
  return { url, apiKey }
}
