import { readFileSync } from 'node:fs'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

/** A file's text; `-` is standard input. */
export async function readInput(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return terminal.stdin()
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
