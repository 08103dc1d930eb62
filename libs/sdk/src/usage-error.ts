/** The command line, or a file that it names, is not what the command needs. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
