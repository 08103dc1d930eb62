/** One reason why a body was refused; `pointer` is an RFC 6901 pointer into the request body. */
export interface ProblemDetail {
  readonly pointer: string
  readonly detail: string
}

export interface ProblemFields {
  readonly status: number
  /** stable, kebab-case; clients and tests match this */
  readonly code: string
  readonly title: string
  readonly detail?: string
  readonly errors?: readonly ProblemDetail[]
  readonly headers?: Readonly<Record<string, string>>
}

/** RFC 9457 body. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly errors?: readonly ProblemDetail[]
}

/** What an HTTP client is told instead of an answer; the host writes it as application/problem+json. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: ProblemBody

  constructor(problem: ProblemFields) {
    super(problem.detail ?? problem.title)
    this.status = problem.status
    this.code = problem.code
    this.headers = problem.headers ?? {}
    this.body = {
      type: `urn:weir:problem:${problem.code}`,
      title: problem.title,
      status: problem.status,
      code: problem.code,
      ...(problem.detail === undefined ? {} : { detail: problem.detail }),
      ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    }
  }
}
