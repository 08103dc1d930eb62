import type { Command } from 'commander'
import { accessOf, type AccessOptions } from '../access.js'
import { createClient, type WeirClient } from '../create-client.js'
import type { Terminal } from '../terminal.js'

export interface CommonOptions extends AccessOptions {
  readonly json?: boolean | undefined
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--url <url>', 'where the gateway is')
    .option('--api-key <key>', 'the API key')
    .option('--json', 'answer in JSON, one value')
}

export function connect(options: AccessOptions, to: { readonly terminal: Terminal; readonly as: 'platform' | 'officer' }): WeirClient {
  const { env, fetch, pause } = to.terminal
  return createClient({ ...accessOf(options, { env, as: to.as }), fetch, pause })
}
