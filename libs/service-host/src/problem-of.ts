import { HttpException } from '@nestjs/common'
import { isTransient } from '@weir/persistence'
import { ProblemError } from './problem-error.js'

/** Every error as the problem that a client may see. What is nobody's business but ours becomes a bare 500. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const fromBody = bodyProblem(error)
  if (fromBody !== undefined) return fromBody
  if (error instanceof HttpException) return fromNest(error)
  if (isTransient(error)) {
    return new ProblemError({
      status: 503,
      code: 'database-unavailable',
      title: 'The service cannot reach its database.',
      detail: 'Nothing was changed. Repeat the request with the same idempotency key.',
      headers: { 'retry-after': '2' },
    })
  }
  return new ProblemError({ status: 500, code: 'internal', title: 'The service failed.', detail: 'The failure was logged.' })
}

/** Errors of the body parser carry a `type`. */
function bodyProblem(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !('type' in error) || typeof error.type !== 'string') return undefined
  switch (error.type) {
    case 'entity.parse.failed':
      return new ProblemError({ status: 400, code: 'malformed-json', title: 'The body is not JSON.', detail: error.message })
    case 'entity.too.large':
      return new ProblemError({ status: 413, code: 'body-too-large', title: 'The body is too large.', detail: 'At most 256 KB are read.' })
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemError({ status: 415, code: 'unsupported-encoding', title: 'The body has an encoding that is not read.' })
    case 'request.aborted':
    case 'request.size.invalid':
      return new ProblemError({ status: 400, code: 'incomplete-body', title: 'The body ended early.' })
    default:
      return undefined
  }
}

function fromNest(error: HttpException): ProblemError {
  const status = error.getStatus()
  if (status >= 500) return new ProblemError({ status, code: 'internal', title: 'The service failed.' })
  const code = status === 404 ? 'not-found' : status === 405 ? 'method-not-allowed' : `http-${status}`
  return new ProblemError({ status, code, title: error.message })
}
