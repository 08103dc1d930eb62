import type { LoggerService } from '@nestjs/common'
import type { Logger } from 'pino'

/** Nest's own messages in the service's log. Its start-up chatter is of interest when debugging only. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  log(message: unknown, ...rest: readonly unknown[]): void {
    this.#logger.debug(fields(rest), String(message))
  }
  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.#logger.debug(fields(rest), String(message))
  }
  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.#logger.trace(fields(rest), String(message))
  }
  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.#logger.warn(fields(rest), String(message))
  }
  error(message: unknown, ...rest: readonly unknown[]): void {
    this.#logger.error(message instanceof Error ? { err: message, ...fields(rest) } : fields(rest), String(message))
  }
  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.#logger.fatal(fields(rest), String(message))
  }
}

/** Nest passes the name of the part last, and a stack before it where there is one. */
function fields(rest: readonly unknown[]): { readonly part?: string; readonly stack?: string } {
  const texts = rest.filter((item) => typeof item === 'string')
  const part = texts.at(-1)
  const stack = texts.length > 1 ? texts[0] : undefined
  return { ...(part === undefined ? {} : { part }), ...(stack === undefined ? {} : { stack }) }
}
