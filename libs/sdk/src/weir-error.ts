import type { Problem } from '@weir/contracts'

/** A refusal or failure, as the problem (RFC 9457) that the gateway answered; where it answered nothing, one of the client's own. */
export class WeirError extends Error {
  override readonly name = 'WeirError'
  /** `problem.code`: what programs match */
  readonly code: string
  /** of HTTP; 0: no answer came */
  readonly status: number

  constructor(
    readonly problem: Omit<Problem, 'status'> & { readonly status: number },
    options?: ErrorOptions,
  ) {
    super(problem.detail === undefined ? problem.title : `${problem.title} ${problem.detail}`, options)
    this.code = problem.code
    this.status = problem.status
  }
}
