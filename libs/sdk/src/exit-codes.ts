import type { Outcome } from '@weir/contracts'
import { CommanderError } from 'commander'
import { UsageError } from './usage-error.js'
import { WeirError } from './weir-error.js'

/** What the `weir` command ends with; scripts branch on these. */
export const exitCodes = {
  ok: 0,
  /** a check failed, or the command was refused for what the system holds */
  failed: 1,
  /** the command or the body it sent is not well formed */
  usage: 2,
  /** no key, a wrong one, or one that may not do this */
  auth: 3,
  /** no answer, or none yet */
  unavailable: 4,
  hold: 10,
  deny: 11,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export function exitCodeOfOutcome(outcome: Outcome): ExitCode {
  switch (outcome) {
    case 'approve':
      return exitCodes.ok
    case 'hold':
      return exitCodes.hold
    case 'deny':
      return exitCodes.deny
  }
}

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof UsageError) return exitCodes.usage
  return error instanceof WeirError ? exitCodeOfStatus(error.status) : exitCodes.failed
}

function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.auth
  if (status === 0 || status === 429 || status >= 500) return exitCodes.unavailable
  return [400, 413, 415, 422].includes(status) ? exitCodes.usage : exitCodes.failed
}
