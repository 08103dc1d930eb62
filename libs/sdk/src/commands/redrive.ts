import type { Command } from 'commander'
import type { CommandContext } from '../command-context.js'
import { UsageError } from '../usage-error.js'
import { WeirError } from '../weir-error.js'
import { connect, withCommonOptions, type CommonOptions } from './connect.js'

interface RedriveOptions extends CommonOptions {
  readonly service: string
  readonly key: string
}

export function addRedriveCommand(program: Command, context: CommandContext): void {
  withCommonOptions(
    program
      .command('redrive')
      .description('handle the parked messages of a customer again')
      .requiredOption('--service <name>', 'who parked them')
      .requiredOption('--key <key>', 'whose they are: the key of the messages'),
    { keyOption: false },
  ).action(async ({ service, key, url, apiKey, json }: RedriveOptions) => {
    const client = connect({ url, apiKey }, { terminal: context.terminal, as: 'officer' })
    const { redriven } = await client.redrive({ service, key }).catch(explained)
    context.terminal.out(json === true ? `${JSON.stringify({ redriven })}\n` : `${redriven} messages were handled\n`)
  })
}

/** Not every gateway offers it: messages are redriven at the service's own port then. */
function explained(error: unknown): never {
  if (error instanceof WeirError && error.code === 'not-found')
    throw new UsageError('this gateway does not redrive; ask the service itself: POST /operations/redrive?key=… at its port', {
      cause: error,
    })
  throw error
}
