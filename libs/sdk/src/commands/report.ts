import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { InvalidArgumentError, type Command } from 'commander'
import { exitCodes } from '../exit-codes.js'
import type { CommandContext } from '../command-context.js'
import { UsageError } from '../usage-error.js'
import { connect, withCommonOptions, type CommonOptions } from './connect.js'

interface ReportOptions extends CommonOptions {
  readonly from: string
  readonly to: string
  readonly out: string
  readonly idempotencyKey?: string
}

export function addReportCommand(program: Command, context: CommandContext): void {
  const report = program.command('report').description('make a report that a regulator verifies offline')
  withCommonOptions(
    report
      .command('decisions')
      .description('all decisions that were made in a period')
      .requiredOption('--from <instant>', 'first instant, ISO 8601: 2026-11-01T00:00:00Z', instant)
      .requiredOption('--to <instant>', 'first instant after the period', instant)
      .requiredOption('--out <file>', 'where to write the ZIP')
      .option('--idempotency-key <key>', 'the same key yields the same report'),
  ).action(async (options: ReportOptions) => {
    const { from, to, out, idempotencyKey } = options
    const client = connect(options, { terminal: context.terminal, as: 'platform' })
    const released = await client.report({ from, to }, { idempotencyKey })
    const content = await client.reportPackage(released.reportId)
    if (createHash('sha256').update(content).digest('hex') !== released.digest) {
      context.terminal.err('weir: what was downloaded is not the report that was released; nothing was written\n')
      context.end(exitCodes.failed)
      return
    }
    write(out, content)
    const { terminal } = context
    if (options.json === true) terminal.out(`${JSON.stringify({ ...released, file: out })}\n`)
    else terminal.out(`${out}: ${released.decisions} decisions, report ${released.reportId}\nverify it: weir verify ${out}\n`)
  })
}

/** A date alone would leave the zone open. */
function instant(text: string): string {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString()
  throw new InvalidArgumentError('It is an instant with its zone, like 2026-11-01T00:00:00Z.')
}

function write(file: string, content: Uint8Array): void {
  try {
    // Who was checked, and why, is for few eyes.
    writeFileSync(file, content, { mode: 0o600 })
  } catch (cause) {
    throw new UsageError(`${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
