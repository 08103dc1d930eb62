import type { Logger } from 'pino'

/** Files that a commit should be followed by. A failure costs nothing but time: the periodic job catches up. */
export const wakePublisher = (publisher: { catchUp(): Promise<void> } | undefined, logger: Logger): void => {
  publisher?.catchUp().catch((error: unknown) => logger.warn({ err: error }, 'the log as files is behind; it catches up'))
}
