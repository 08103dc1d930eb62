import { fixedClock } from './fixed-clock.js'
import { until } from './until.js'

describe('until', () => {
  it('returns the first answer of the probe that says something', async () => {
    const answers = [undefined, false, null, 'here']

    expect(await until(() => answers.shift(), { describe: 'it is here', everyMs: 1 })).toBe('here')
  })

  it('asks again after an error', async () => {
    let asked = 0
    const probe = () => {
      asked += 1
      if (asked < 3) throw new Error('not yet')
      return asked
    }

    expect(await until(probe, { describe: 'it works', everyMs: 1 })).toBe(3)
  })

  it('names what it waited for, and the last error', async () => {
    const waiting = until(
      () => {
        throw new Error('port closed')
      },
      { describe: 'the server listens', timeoutMs: 5, everyMs: 1 },
    )

    await expect(waiting).rejects.toThrow('waited 5 ms in vain until the server listens: port closed')
  })
})

describe('fixed clock', () => {
  it('moves only when told', () => {
    const clock = fixedClock('2026-02-01T00:00:00.000Z')
    clock.advance(1_000)

    expect(clock.now().toISOString()).toBe('2026-02-01T00:00:01.000Z')
  })
})
