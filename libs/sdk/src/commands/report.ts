import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
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
    refuseUnwritable(out)
    const client = connect(options, { terminal: context.terminal, as: 'platform' })
    const released = await client.report({ from, to }, { idempotencyKey })
    const content = await client.reportPackage(released.reportId)
    if (createHash('sha256').update(content).digest('hex') !== released.digest)
      throw new Error(`what was downloaded is not the report ${released.reportId} that was released; nothing was written`)
    // Who was checked, and why, is for few eyes.
    writeFileSync(out, content, { mode: 0o600 })
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

/** Before the report is made: a released report stays released, whether or not there was room for it here. */
function refuseUnwritable(file: string): void {
  try {
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK)
  } catch (cause) {
    throw new UsageError(`${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, [], { cause })
  }
}
