import { Command, CommanderError } from 'commander'
import type { CommandContext } from './command-context.js'
import { addDecisionCommands } from './commands/decide.js'
import { addImportCommand } from './commands/import.js'
import { addParkedCommands } from './commands/parked.js'
import { addReportCommand } from './commands/report.js'
import { addVerifyCommand } from './commands/verify.js'
import { exitCodeOfError, exitCodes, type ExitCode } from './exit-codes.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'
import { WeirError } from './weir-error.js'

const epilogue = `
Exit codes: 0 approve or done, 10 hold, 11 deny, 1 a check failed or the command was refused, 2 wrong usage or body,
3 not authorized, 4 not running, not reachable or not answered yet. With --json a refusal is a problem (RFC 9457) on standard output.

Without --url and --api-key the installation on this machine is used: WEIR_HOME (default .weir), or WEIR_URL and WEIR_API_KEY.
`

/** The whole `weir` command as a function: answers the exit code. `given`: what follows the command's name. */
export async function runCli(given: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = new Command('weir')
    .description('Ask whether compute may be handed out, and make and verify what regulators read.')
    .showHelpAfterError('(weir --help tells more)')
    .addHelpText('after', epilogue)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
  const context: CommandContext = { terminal, end: (ended) => (code = ended) }
  for (const add of [addDecisionCommands, addReportCommand, addVerifyCommand, addImportCommand, addParkedCommands]) add(program, context)
  try {
    await program.parseAsync([...given], { from: 'user' })
  } catch (error) {
    code = exitCodeOfError(error)
    tell(error, { terminal, json: given.includes('--json') })
  }
  return code
}

/** Commander has told its own errors already. */
function tell(error: unknown, { terminal, json }: { readonly terminal: Terminal; readonly json: boolean }): void {
  if (!(error instanceof Error) || error instanceof CommanderError) return
  const problem = error instanceof WeirError ? error.problem : ownProblem(error)
  if (json) {
    terminal.out(`${JSON.stringify(problem)}\n`)
    return
  }
  const places = problem.errors?.map(({ pointer, detail }) => `  ${pointer === '' ? '' : `${pointer}: `}${detail}\n`) ?? []
  terminal.err([`weir: ${error.message}\n`, ...places].join(''))
}

/** What went wrong on this side, in the form in which the gateway refuses. */
function ownProblem(error: Error) {
  const code = error instanceof UsageError ? 'usage' : 'failed'
  const errors = error instanceof UsageError && error.errors.length > 0 ? { errors: error.errors } : {}
  return { type: `urn:weir:problem:${code}`, code, title: error.message, ...errors }
}
