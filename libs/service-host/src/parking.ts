import { parkedKeys, type MessageRuntime, type ParkedKey } from '@weir/messaging'
import { isTransient, type Database } from '@weir/persistence'
import type { Logger } from 'pino'
import { ProblemError } from './problem-error.js'

/** What a service set aside because it could not handle it: for operators. */
export interface Parking {
  /** the longest parked first, at most 500 keys */
  list(): Promise<readonly ParkedKey[]>
  /** Handles a key's messages again; how many. A `ProblemError` with status 409 where one still fails. */
  redrive(key: string): Promise<number>
}

const MOST_KEYS = 500

export function parkingOf(of: {
  readonly runtime: Pick<MessageRuntime, 'redrive'>
  readonly database: Pick<Database, 'query'>
  readonly logger: Logger
}): Parking {
  return {
    list: () => parkedKeys(of.database, MOST_KEYS),
    redrive: (key) =>
      of.runtime.redrive(key).catch((error: unknown) => {
        if (isTransient(error) || error instanceof ProblemError) throw error
        of.logger.error({ err: error, key }, 'a redriven message failed')
        throw new ProblemError({
          status: 409,
          code: 'still-failing',
          title: 'A message of this key still fails; it and what is behind it stay parked.',
          detail: error instanceof Error ? error.message.slice(0, 2000) : String(error),
        })
      }),
  }
}
