import type { ExitCode } from './exit-codes.js'
import type { Terminal } from './terminal.js'

/** How a command does its work and reports it: `end` says what the process ends with. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly end: (code: ExitCode) => void
}
