/** Runs one feature; the same as Jest's own. */
export type Feature = (name: string, work: () => Promise<void>, timeoutMs?: number) => void

/** Jest's `it` with a count per transport, which a report of skips and passes does not tell apart. */
export function countFeatures(transport: string): Feature {
  let [passed, all] = [0, 0]
  afterAll(() => {
    process.stderr.write(`${transport}: ${passed === all ? '' : `${passed} of `}${all} features\n`)
  })
  return (name, work, timeoutMs) => {
    all += 1
    it(
      name,
      async () => {
        await work()
        passed += 1
      },
      timeoutMs,
    )
  }
}
