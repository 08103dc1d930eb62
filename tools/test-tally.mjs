/** Counts of a Jest report. A file that could not even be loaded counts as one failure. */
export function tally(report, { required, code, level }) {
  const result = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    problems: [],
  }
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      result.failed += 1
      result.problems.push(`failed: ${file.name}`)
    }
    for (const test of file.assertionResults) countSkip(test, { result, required })
  }
  // An open handle or a broken teardown fails Jest without failing a test.
  if (code !== 0 && result.failed === 0) {
    result.failed = 1
    result.problems.push(`failed: jest ended the ${level} tests with ${code} although no test failed`)
  }
  return result
}

function countSkip(test, { result, required }) {
  if (test.status !== 'pending' && test.status !== 'todo') return
  const kind = required.find((name) => kindsIn(test.fullName).includes(name))
  if (kind === undefined) return
  result.skipped -= 1
  result.failed += 1
  result.problems.push(`failed: "${test.fullName}" was skipped, but WEIR_REQUIRE asks for ${kind}`)
}

/**
 * Suites that need something say in their titles what is lacking: "skipped: no Kafka …", "skipped: Go is not installed".
 * Where none says so, any name in the title counts.
 */
const kindsIn = (fullName) => (/skipped: (.*)/s.exec(fullName)?.[1] ?? fullName).toLowerCase().split(/[^a-z]+/)

export const sum = (tallies) =>
  tallies.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )

export const lineOf = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`
