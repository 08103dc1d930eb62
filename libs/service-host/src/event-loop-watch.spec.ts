import { DelayWindows } from './event-loop-watch.js'

describe('delay windows', () => {
  const after = (...delays: readonly number[]): number => {
    const windows = new DelayWindows()
    for (const delay of delays) windows.add(delay)
    return windows.sustainedMs()
  }

  it.each([
    ['nothing is known before three have passed', [900, 900], 0],
    ['one quiet one ends it', [900, 800, 3], 3],
    ['the least of the last three counts', [1, 700, 900, 800], 700],
  ])('%s', (_name, delays, sustained) => {
    expect(after(...delays)).toBe(sustained)
  })
})
