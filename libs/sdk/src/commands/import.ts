import { importedCustomer, type ImportedCustomer, type ImportReport } from '@weir/contracts'
import type { Command } from 'commander'
import { z } from 'zod'
import { exitCodes } from '../exit-codes.js'
import type { CommandContext } from '../command-context.js'
import { connect, withCommonOptions, type CommonOptions } from './connect.js'
import { parseInput, readInput } from './parse-input.js'

interface ImportOptions extends CommonOptions {
  readonly dryRun?: boolean
  readonly idempotencyKey?: string
}

export function addImportCommand(program: Command, context: CommandContext): void {
  withCommonOptions(
    program
      .command('import')
      .description('register or change customers, all of the file or none')
      .argument('<file>', 'CSV, or a JSON list; - reads standard input')
      .option('--dry-run', 'only tell what would happen')
      .option('--idempotency-key <key>', 'the same key imports once'),
  ).action(async (file: string, options: ImportOptions) => {
    const text = await readInput(file, context.terminal)
    const client = connect(options, { terminal: context.terminal, as: 'officer' })
    const { dryRun, idempotencyKey } = options
    const report = await client.importCustomers(rowsOf(text, file), { dryRun, idempotencyKey })
    context.terminal.out(options.json === true ? `${JSON.stringify(report)}\n` : linesOf(report))
    context.end(report.summary.refused > 0 ? exitCodes.failed : exitCodes.ok)
  })
}

function rowsOf(text: string, file: string): readonly ImportedCustomer[] | string {
  if (!/^\s*[[{]/.test(text)) return text
  return parseInput(z.array(importedCustomer), text, { file, what: 'a list of customers' })
}

function linesOf({ dryRun, summary, rows }: ImportReport): string {
  const { create, change, unchanged, refused, held } = summary
  const told = rows.filter((row) => row.action === 'refused' || row.held.length > 0)
  const lines = told.map(({ row, customerId = '?', action, problems }) => {
    const why = problems.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')
    return `  row ${row} ${customerId}: ${action === 'refused' ? `refused: ${why}` : `${action}, its requests would be held`}`
  })
  const head = `${dryRun ? 'would be' : 'imported'}: ${create} new, ${change} changed, ${unchanged} unchanged, ${refused} refused, ${held} held`
  return `${[head, ...lines].join('\n')}\n`
}
