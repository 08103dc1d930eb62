import { lineOf, sum, tally, type JestReport } from './test-tally.mjs'

type Status = 'passed' | 'failed' | 'pending' | 'todo'

/** What Jest reports of one file with these tests. */
function report(tests: readonly (readonly [Status, string])[], fileStatus?: 'passed' | 'failed'): JestReport {
  const count = (status: Status) => tests.filter(([of]) => of === status).length
  const status = fileStatus ?? (count('failed') > 0 ? 'failed' : 'passed')
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults: [{ name: 'a.spec.ts', status, assertionResults: tests.map(([of, fullName]) => ({ status: of, fullName })) }],
  }
}

const run = (more: { readonly required?: readonly string[]; readonly code?: number | string } = {}) => ({
  required: [],
  code: 0,
  level: 'unit',
  ...more,
})

describe('a tally', () => {
  it('counts what passed, failed and was skipped', () => {
    const tests = report([
      ['passed', 'a'],
      ['passed', 'b'],
      ['failed', 'c'],
      ['pending', 'd'],
      ['todo', 'e'],
    ])
    expect(tally(tests, run({ code: 1 }))).toEqual({ passed: 2, failed: 1, skipped: 2, problems: [] })
  })

  it('counts a file that could not be loaded as one failure, and names it', () => {
    expect(tally(report([], 'failed'), run({ code: 1 }))).toEqual({ passed: 0, failed: 1, skipped: 0, problems: ['failed: a.spec.ts'] })
  })

  it('counts a file that broke outside its tests as one failure, whatever its tests say', () => {
    expect(tally(report([['passed', 'a']], 'failed'), run({ code: 1 }))).toMatchObject({ passed: 1, failed: 1 })
  })

  it.each([1, 'SIGKILL'])('counts one failure where Jest ended with %s and no test failed', (code) => {
    const { failed, problems } = tally(report([['passed', 'a']]), run({ code }))
    expect([failed, problems]).toEqual([1, [`failed: jest ended the unit tests with ${code} although no test failed`]])
  })

  it('takes an exit code for no more than the failures that explain it', () => {
    expect(tally(report([['failed', 'a']]), run({ code: 1 }))).toMatchObject({ failed: 1, problems: [] })
  })
})

describe('a required kind of test', () => {
  const required = ['kafka', 'go']

  it.each([
    ['kafka', 'Kafka (skipped: no Kafka: WEIR_TEST_BROKERS is not set) keeps the order per key'],
    ['go', 'an independent verifier (skipped: Go is not installed) accepts the files'],
    ['go', 'what VERIFY.md prints for Go (skipped: no Go, or no golang.org/x/mod) finds every entry'],
    ['kafka', 'Kafka keeps the order per key'],
  ])('fails where it was skipped: %s', (kind, title) => {
    expect(tally(report([['pending', title]]), run({ required }))).toEqual({
      passed: 0,
      failed: 1,
      skipped: 0,
      problems: [`failed: "${title}" was skipped, but WEIR_REQUIRE asks for ${kind}`],
    })
  })

  it.each([
    ['is lacking something else', 'Kafka that goes away (skipped: no Java for a broker of its own) goes on by itself'],
    ['only contains the word', 'data from kafkaesque algorithms (skipped: ../shared/data not present)'],
    ['needs nothing of it', 'the published list (skipped: ../shared/data not present) is read'],
  ])('may be skipped where a test %s', (_what, title) => {
    expect(tally(report([['pending', title]]), run({ required }))).toMatchObject({ failed: 0, skipped: 1, problems: [] })
  })

  it('may be skipped where nobody requires it', () => {
    expect(tally(report([['pending', 'Kafka (skipped: no Kafka) works']]), run())).toMatchObject({ failed: 0, skipped: 1 })
  })

  it('passes where it ran', () => {
    expect(tally(report([['passed', 'Kafka works']]), run({ required }))).toMatchObject({ passed: 1, failed: 0, skipped: 0 })
  })
})

it('adds levels up and says so in one plain line', () => {
  const levels = [
    { passed: 2, failed: 0, skipped: 1 },
    { passed: 3, failed: 1, skipped: 0 },
  ]
  expect(lineOf(sum(levels))).toBe('5 passed, 1 failed, 1 skipped')
  expect(lineOf(sum([]))).toBe('0 passed, 0 failed, 0 skipped')
})
