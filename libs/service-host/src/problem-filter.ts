import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { Logger } from 'pino'
import { throwError, type Observable } from 'rxjs'
import type { ProblemError } from './problem-error.js'
import { problemOf } from './problem-of.js'

/**
 * HTTP: answers with a problem. Event handlers: hands the original error on, because the runtime decides by it whether
 * to wait or to park; Nest would replace it by "Internal server error".
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error)
    const http = host.switchToHttp()
    const problem = problemOf(error)
    const request = http.getRequest<Request>()
    if (problem.status >= 500) this.#logger.error({ err: error, method: request.method, path: request.path }, 'request failed')
    sendProblem(http.getResponse<Response>(), problem)
  }
}

export function sendProblem(response: Response, problem: ProblemError): void {
  if (response.headersSent) {
    // Half an answer is out: only a broken connection tells the client that it is not whole.
    response.destroy()
    return
  }
  // For the count of refusals, which is made when the answer is out.
  response.locals['problem'] = problem.body.code
  response.status(problem.status).set(problem.headers).type('application/problem+json').send(JSON.stringify(problem.body))
}
