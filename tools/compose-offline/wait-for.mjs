/** Asks until the probe says yes; the error says what was waited for. */
export async function waitFor(probe, { what, withinMs, hint = () => '' }) {
  const end = Date.now() + withinMs
  while (!(await probe())) {
    if (Date.now() > end) throw new Error(`${what}: not there after ${Math.round(withinMs / 1000)} s\n${hint()}`)
    await new Promise((next) => setTimeout(next, 200))
  }
}
