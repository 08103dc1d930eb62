import type { Database } from '@weir/persistence'
import type { Logger } from 'pino'
import { MessagingFault } from './messaging-fault.js'

interface RefusedEntry {
  readonly seq: bigint
  readonly message: { readonly topic: string; readonly key: string }
}

const BEHIND = 'an earlier event of this key was refused'

/**
 * Events that the log will never take (too large for it, although they were not when they were written). They stay in
 * the outbox with the reason, and later ones of their key behind them; the relay goes on with everything else.
 */
export class OutboxRefusals {
  private readonly held = new Set<string>()

  constructor(private readonly parts: { readonly database: Database; readonly logger: Logger }) {}

  /** What other processes and earlier ones of this service refused counts too. */
  async load(): Promise<void> {
    const rows = await this.parts.database.query<{ key: string }>(
      'select distinct key from outbox_waiting join outbox using (seq) where refusal is not null',
    )
    this.held.clear()
    for (const { key } of rows) this.held.add(key)
  }

  isHeld({ message }: RefusedEntry): boolean {
    return message.key !== '' && this.held.has(message.key)
  }

  async note(entries: readonly RefusedEntry[], reason: string = BEHIND): Promise<void> {
    if (entries.length === 0) return
    await this.parts.database.query('update outbox_waiting set refusal = $2 where seq = any($1::bigint[])', [
      entries.map(({ seq }) => seq.toString()),
      reason.slice(0, 2000),
    ])
    for (const { message } of entries) this.held.add(message.key)
    this.parts.logger.error(
      { events: entries.length, keys: [...new Set(entries.map(({ message }) => message.key))], reason },
      'events were refused',
    )
  }

  /** Forgets all refusals, because the cause was mended: the sweeper tries them again, in their order. */
  async clear(): Promise<void> {
    await this.parts.database.query('update outbox_waiting set refusal = null where refusal is not null')
    this.held.clear()
  }
}

export const isTooLarge = (error: unknown): boolean => error instanceof MessagingFault && error.code === 'message-too-large'
