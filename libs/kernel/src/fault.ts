/**
 * Something broke that no caller can answer as a matter of course. `code` comes from the closed set of the part that
 * throws; alerts and tests match codes, never prose.
 */
export class Fault<Code extends string> extends Error {
  override readonly name = 'Fault'
  readonly code: Code

  constructor(fault: { readonly code: Code; readonly message: string; readonly cause?: unknown }) {
    super(fault.message, { cause: fault.cause })
    this.code = fault.code
  }
}
