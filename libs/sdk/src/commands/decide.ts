import { submittedRequest, type Answer } from '@weir/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import type { Asked } from '../create-client.js'
import { exitCodeOfOutcome, exitCodes } from '../exit-codes.js'
import type { CommandContext } from '../command-context.js'
import { connect, withCommonOptions, type CommonOptions } from './connect.js'
import { parseInput, readInput } from './parse-input.js'

interface DecideOptions extends CommonOptions {
  readonly file: string
  readonly wait: number
  readonly idempotencyKey?: string
}

export function addDecisionCommands(program: Command, context: CommandContext): void {
  withCommonOptions(
    program
      .command('decide')
      .description('ask whether a request may be granted, and wait for the recorded decision')
      .requiredOption('-f, --file <file>', 'the canonical request in JSON; - reads standard input')
      .option('--wait <seconds>', 'how long the gateway may take, 0 to 10', seconds, 10)
      .option('--idempotency-key <key>', 'default: made of source and sourceEventId'),
  ).action(async (options: DecideOptions) => {
    const text = await readInput(options.file, context.terminal)
    const request = parseInput(submittedRequest, text, { file: options.file, what: 'a request' })
    const client = connect(options, { terminal: context.terminal, as: 'platform' })
    tell(await client.decide(request, { waitSeconds: options.wait, idempotencyKey: options.idempotencyKey }), { ...context, options })
  })
  withCommonOptions(
    program.command('get').description('the current answer to a request').argument('<id>', 'what the request was given'),
  ).action(async (id: string, options: CommonOptions) => {
    tell(await connect(options, { terminal: context.terminal, as: 'platform' }).get(id), { ...context, options })
  })
}

function seconds(text: string): number {
  if (/^(\d|10)$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 0 to 10.')
}

function tell(asked: Asked, { terminal, end, options }: CommandContext & { readonly options: CommonOptions }): void {
  if (asked.state === 'answered') {
    end(exitCodeOfOutcome(asked.answer.outcome))
    terminal.out(options.json === true ? `${JSON.stringify(asked.answer)}\n` : linesOf(asked.answer))
    return
  }
  end(exitCodes.unavailable)
  const sentence = `PENDING  not decided yet; nothing may be handed out\nask again: weir get ${asked.id}\n`
  terminal.out(options.json === true ? `${JSON.stringify({ id: asked.id, state: 'pending' })}\n` : sentence)
}

function linesOf(answer: Answer): string {
  const reasons = answer.reasons.map(({ code, sentence, citation, legalStatus }) => {
    const origin = [legalStatus, citation].filter((part) => part !== undefined)
    return `  ${code}: ${sentence}${origin.length > 0 ? ` [${origin.join('; ')}]` : ''}`
  })
  const last = [`request ${answer.id} revision ${answer.revision}`, ...(answer.case === undefined ? [] : [`case ${answer.case}`])]
  return `${[answer.outcome.toUpperCase(), ...reasons, ...last].join('\n')}\n`
}
