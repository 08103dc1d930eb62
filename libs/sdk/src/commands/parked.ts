import type { ParkedKeys, RedriveCommand } from '@weir/contracts'
import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'
import type { CommandContext } from '../command-context.js'
import { connect, withCommonOptions, type CommonOptions } from './connect.js'

export function addParkedCommands(program: Command, context: CommandContext): void {
  const { terminal } = context
  withCommonOptions(program.command('parked').description('what services set aside because they could not handle it')).action(
    async (options: CommonOptions) => {
      const parked = await connect(options, { terminal, as: 'officer' }).parked()
      terminal.out(options.json === true ? `${JSON.stringify(parked)}\n` : linesOf(parked))
      if (parked.unknown.length > 0) context.end(exitCodes.unavailable)
    },
  )
  withCommonOptions(
    program
      .command('redrive')
      .description('handle the parked messages of a key again, once their cause is mended')
      .requiredOption('--service <name>', 'who parked them')
      .requiredOption('--key <key>', 'the key of the messages, as `weir parked` tells it'),
  ).action(async ({ service, key, url, apiKey, json }: CommonOptions & RedriveCommand) => {
    const redriven = await connect({ url, apiKey }, { terminal, as: 'officer' }).redrive({ service, key })
    terminal.out(json === true ? `${JSON.stringify(redriven)}\n` : `handled again: ${count(redriven.redriven)}\n`)
  })
}

function linesOf({ items, unknown }: ParkedKeys): string {
  const lines = items.map(({ service, key, messages, topics, since, error }) => {
    const name = key === undefined ? 'no key' : JSON.stringify(key)
    return `${service} ${name}: ${count(messages)} of ${topics.join(', ')} since ${since}: ${error}`
  })
  const silent = unknown.map((service) => `${service}: not known, it does not tell`)
  return `${[...(lines.length > 0 ? lines : ['nothing is parked']), ...silent].join('\n')}\n`
}

const count = (messages: number): string => `${messages} ${messages === 1 ? 'message' : 'messages'}`
