import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from './usage-error.js'
import { WeirError } from './weir-error.js'

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
    throw new UsageError(`${file} does not tell where Weir runs`, [], { cause })
  }
}

/**
 * Where to ask and with which key: the options, then WEIR_URL and WEIR_API_KEY, then the installation on this machine.
 * `officer`: the local installation's officer key stands in for one that is not given, as the platform's may not do this.
 */
export function accessOf(options: AccessOptions, from: { readonly env: Environment; readonly as: 'platform' | 'officer' }): Access {
  const { WEIR_URL: envUrl, WEIR_API_KEY: envKey } = from.env
  const given = options.url ?? envUrl
  // Danger: a key is sent to the place that it was told with, and nowhere else: neither that of WEIR_API_KEY to another URL than
  // WEIR_URL, nor one of the local installation to another place than that installation.
  const told = options.apiKey ?? (envUrl === undefined || given === undefined || isSame(given, envUrl) ? envKey : undefined)
  if (given !== undefined && told !== undefined) return { url: checked(given), apiKey: told }
  const run = readRunFile(from.env)
  const url = given ?? run?.url
  if (url === undefined) throw nothingRuns()
  const local = run !== undefined && isSame(url, run.url) ? keyOf(run, from.as) : undefined
  const apiKey = told ?? local
  if (apiKey === undefined) throw new UsageError(`give --api-key for ${url}, or set WEIR_URL and WEIR_API_KEY`)
  return { url: checked(url), apiKey }
}

const keyOf = (run: RunFile, as: 'platform' | 'officer'): string => (as === 'officer' ? (run.officerKeys[0] ?? run.apiKey) : run.apiKey)
const isSame = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '')

function checked(url: string): string {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url
  throw new UsageError(`${url} is not a URL that starts with http:// or https://`)
}

const nothingRuns = (): WeirError =>
  new WeirError({
    type: 'urn:weir:problem:not-running',
    code: 'not-running',
    status: 0,
    title: 'No Weir runs here.',
    detail: 'There is no run.json in WEIR_HOME or .weir: start it, or give --url and --api-key.',
  })
