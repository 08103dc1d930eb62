import { readFileSync } from 'node:fs'
import type { Problem } from '@weir/contracts'
import type { z } from 'zod'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

/** A file's text; `-` is standard input. */
export async function readInput(file: string, terminal: Terminal): Promise<string> {
  // A byte order mark is no part of JSON, nor of a CSV header's first name.
  return (file === '-' ? await terminal.stdin() : readText(file)).replace(/^\uFEFF/, '')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${messageOf(cause)}`, [], { cause })
  }
}

/** JSON of a known form. Refused here already, with the pointers that the gateway would name. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  of: { readonly file: string; readonly what: string },
): z.infer<Schema> {
  const parsed = schema.safeParse(jsonOf(text, of.file))
  if (parsed.success) return parsed.data
  throw new UsageError(`${nameOf(of.file)} is not ${of.what}`, parsed.error.issues.flatMap(errorsOf))
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${nameOf(file)} is not JSON: ${messageOf(cause)}`, [], { cause })
  }
}

function errorsOf(issue: z.core.$ZodIssue): NonNullable<Problem['errors']> {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerOf(issue.path), detail: issue.message }]
  return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: 'This member is not known here.' }))
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file)
const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
