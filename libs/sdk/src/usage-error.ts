import type { Problem } from '@weir/contracts'

/** The command line, or a file that it names, is not what the command needs. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(
    message: string,
    /** what is wrong in a file, by RFC 6901 pointer */
    readonly errors: NonNullable<Problem['errors']> = [],
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
