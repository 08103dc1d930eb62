import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { readRunFile } from '../access.js'
import type { CommandContext } from '../command-context.js'
import { exitCodes, type ExitCode } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

interface VerifyOptions {
  readonly vkey?: string
  readonly verifier?: string
  readonly json?: boolean
}

const built = new URL('../../../../services/reports/app/dist/verify.mjs', import.meta.url)

export function addVerifyCommand(program: Command, context: CommandContext): void {
  program
    .command('verify')
    .description('verify a report package offline')
    .argument('<file>', 'the ZIP, or the folder it was unpacked into')
    .option('--vkey <key>', "the log's key; default: that of the installation on this machine, else the package's own")
    .option('--verifier <file>', 'another verify.mjs')
    .option('--json', 'answer in JSON, one value')
    .action(async (file: string, options: VerifyOptions) => {
      if (!existsSync(file)) throw new UsageError(`${file} does not exist`)
      // Danger: never the verify.mjs inside the package, which whoever changed the package could have changed with it.
      const verifier = options.verifier ?? fileURLToPath(built)
      if (!existsSync(verifier)) throw new UsageError(`${verifier} does not exist: build it with node tools/build-verifier.mjs`)
      const vkey = options.vkey ?? readRunFile(context.terminal.env)?.ledger?.vkey
      const { text, errors, code } = await run([verifier, file, ...(vkey === undefined ? [] : ['--vkey', vkey])])
      tell({ text, errors, code }, { terminal: context.terminal, json: options.json === true })
      context.end(code)
    })
}

interface Ran {
  readonly text: string
  readonly errors: string
  readonly code: ExitCode
}

function run(given: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    execFile(process.execPath, [...given], { maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
      const code = error === null ? exitCodes.ok : error.code === 2 ? exitCodes.usage : exitCodes.failed
      done({ text: stdout, errors: stderr, code })
    })
  })
}

function tell({ text, errors, code }: Ran, { terminal, json }: { readonly terminal: Terminal; readonly json: boolean }): void {
  if (errors !== '') terminal.err(errors)
  if (!json) {
    terminal.out(text)
    return
  }
  const checks = text.split('\n').flatMap((line) => {
    const [, verdict, name, detail] = /^(PASS|FAIL|INCOMPLETE) ([a-z]+): (.*)$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, verdict, detail }]
  })
  terminal.out(`${JSON.stringify({ verified: code === exitCodes.ok, checks })}\n`)
}
