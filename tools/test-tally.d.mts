export interface JestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export interface Tally extends Counts {
  readonly problems: readonly string[]
}

export function tally(
  report: JestReport,
  run: { readonly required: readonly string[]; readonly code: number | string; readonly level: string },
): Tally
export function sum(tallies: readonly Counts[]): Counts
export function lineOf(counts: Counts): string
